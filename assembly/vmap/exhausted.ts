// The plan's own limit: records of areas. A run that needs more ends, and the host says so.

let exhausted: bool = false;

export function exhaustedInit(): void {
  exhausted = false;
}

export function noAreaLeft(): void {
  exhausted = true;
}

export function recordsExhausted(): bool {
  return exhausted;
}
