// What an operation on a tree did, counted while it did it. The costs of a profile are per step, so
// that an operation costs what its path through the real tree is long, on any tree.

/** Nodes left downwards to the left, to the right; and passed on the way up after a dead end. */
export let wentLeft: u32 = 0;
export let wentRight: u32 = 0;
export let climbed: u32 = 0;
/** Nodes whose largest block was computed again. */
export let updated: u32 = 0;
/** Rounds of rebalancing that only changed colours, and rotations. */
export let recoloured: u32 = 0;
export let rotated: u32 = 0;
/** Areas passed on a list in search of a hole. */
export let passed: u32 = 0;

export function resetSteps(): void {
  wentLeft = 0;
  wentRight = 0;
  climbed = 0;
  updated = 0;
  recoloured = 0;
  rotated = 0;
  passed = 0;
}

let keptLeft: u32 = 0;
let keptRight: u32 = 0;
let keptUpdated: u32 = 0;
let keptRecoloured: u32 = 0;
let keptRotated: u32 = 0;

/** What is done until `forgetSteps` has one price, whatever steps it takes. */
export function keepSteps(): void {
  keptLeft = wentLeft;
  keptRight = wentRight;
  keptUpdated = updated;
  keptRecoloured = recoloured;
  keptRotated = rotated;
}

export function forgetSteps(): void {
  wentLeft = keptLeft;
  wentRight = keptRight;
  updated = keptUpdated;
  recoloured = keptRecoloured;
  rotated = keptRotated;
}

@inline
export function stepLeft(): void {
  wentLeft++;
}

@inline
export function stepRight(): void {
  wentRight++;
}

/** A whole way down. */
@inline
export function stepsDown(lefts: u32, rights: u32): void {
  wentLeft += lefts;
  wentRight += rights;
}

@inline
export function stepUp(): void {
  climbed++;
}

@inline
export function stepUpdate(): void {
  updated++;
}

@inline
export function stepRecolour(): void {
  recoloured++;
}

@inline
export function stepRotate(): void {
  rotated++;
}

@inline
export function stepsPassed(n: u32): void {
  passed += n;
}
