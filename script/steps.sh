# Runs the steps of a chore one after the other, even past a failed one, and sums them up at the end.
# shellcheck shell=bash

trap 'exit 130' INT # a step that ends in good order when it is interrupted ends the chore too
results=''
failed=0 # what the chore exits with
bold='' plain=''
if [ -t 1 ] && [ -z "${CI:-}${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

# step NAME COMMAND...
step() {
    local name=$1 began=$SECONDS outcome=ok
    shift
    printf '\n%s==> %s%s\n' "$bold" "$name" "$plain"
    "$@" || { outcome=FAILED failed=1; }
    printf '%s==> %s: %s, %d s%s\n' "$bold" "$name" "$outcome" $((SECONDS - began)) "$plain"
    results="$results$(printf '%6s %5d s  %s' "$outcome" $((SECONDS - began)) "$name")"$'\n'
}

sum_up() { printf '\n%s==> Summary%s\n%s' "$bold" "$plain" "$results"; }
