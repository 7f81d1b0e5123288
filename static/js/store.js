/** Remembers the last choices in this browser, and shrugs where it may not. */

const KEY = 'shengliu';

/** Storage throws in private windows and where cookies are refused. */
export function recall() {
  try {
    const value = JSON.parse(localStorage.getItem(KEY));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

export function remember(changes) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), ...changes }));
  } catch {
    // The page works as well without a memory.
  }
}
