/** Words the voice menu in the reader's language, so that a voice can be found among hundreds. */

/** What a tag is called in a language, or null where the browser does not know. */
export function languageName(tag, readerTag) {
  try {
    // Private parts of a tag mean something to the server only.
    const known = tag.replace(/-x-.*$/i, '');
    return new Intl.DisplayNames([readerTag], { type: 'language', fallback: 'none' }).of(known) ?? null;
  } catch {
    return null;
  }
}

/**
 * Voices name themselves in their own language. In the reader's language that name is best; elsewhere the reader
 * needs the language and the sex in known words, and the name only if it tells more than these.
 */
export function voiceLabel({ name, language, sex }, translator) {
  const primary = language.split('-')[0];
  const known = languageName(language, translator.tag);
  if (primary === translator.language || !known) return name;
  // `français (France, voix féminine)` says language and sex once more; `Amélie` does not.
  const saysMore = !/[)）]$/.test(name) || language.includes('-x-');
  return [known, translator.say(sex), ...(saysMore ? [name] : [])].join(' · ');
}

/** Labels for all voices; those that would read alike get the voice's own name too. */
export function voiceLabels(voices, translator) {
  const labels = voices.map((voice) => voiceLabel(voice, translator));
  const times = new Map();
  for (const label of labels) times.set(label, (times.get(label) ?? 0) + 1);
  return labels.map((label, i) => (times.get(label) > 1 && label !== voices[i].name ? `${label} · ${voices[i].name}` : label));
}

/**
 * @param {HTMLSelectElement} select
 * @param {import('./i18n.js').Translator} translator
 */
export function labelVoices(select, translator) {
  const chosen = select.value;
  const options = Array.from(select.options);
  const labels = voiceLabels(options.map((option) => option.dataset), translator);
  options.forEach((option, i) => (option.textContent = labels[i]));
  for (const group of select.querySelectorAll('optgroup')) {
    const { language, i18nLabel } = group.dataset;
    if (language) group.label = languageName(language, translator.tag) ?? language;
    // The first groups keep the server's order, the best first; the long rest is sorted for readers.
    if (i18nLabel !== 'voices_other') continue;
    const order = new Intl.Collator(translator.tag);
    group.append(...Array.from(group.children).sort((a, b) => order.compare(a.textContent, b.textContent)));
  }
  select.value = chosen;
}
