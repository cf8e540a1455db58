// What the purge under way has returned so far.

export let purgedAreas: u64 = 0;
export let purgedPages: u64 = 0;

export function resetPurged(): void {
  purgedAreas = 0;
  purgedPages = 0;
}

export function notePurged(areas: u64, pages: u64): void {
  purgedAreas += areas;
  purgedPages += pages;
}
