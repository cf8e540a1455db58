import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { Random, splitmix64 } from "../../src/input/random.ts";

function draw(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.nextU32());
}

describe("SplitMix64 and xoshiro128**", () => {
  // Computed with arbitrary-precision integers, by a separate program in another language.
  it("give the reference vectors", () => {
    expect(splitmix64(1234567n, 5)).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
    expect(draw(Random.fromState([1, 2, 3, 4]), 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  it.each([
    [0n, [3737715805, 2584255861, 2876756834, 3286328325]],
    [1n, [1695105466, 1423115009, 634581793, 1068227753]],
    [42n, [1776835114, 4165204688, 17111135, 2317295270]],
    [2n ** 64n - 1n, [477689756, 2493998634, 555695776, 607808419]],
  ] as const)("seed %s", (seed, expected) => {
    expect(draw(Random.fromSeed(seed), 4)).toEqual(expected);
  });

  it("take a number and a bigint for the same seed, and resume from a state", () => {
    const random = Random.fromSeed(42);
    expect(draw(random, 3)).toEqual(draw(Random.fromSeed(42n), 3));
    expect(draw(Random.fromState(random.state()), 5)).toEqual(draw(random, 5));
  });

  it.each([-1, 1.5, 2 ** 53, Number.NaN, -1n, 2n ** 64n])("refuse the seed %s", (seed) => {
    expect(() => Random.fromSeed(seed)).toThrow(InputError);
    expect(() => Random.fromSeed(seed)).toThrow(/^bad seed: found .*, expected a whole number/);
  });
});

describe("bounded draws", () => {
  it("hit every value about equally often", () => {
    const random = Random.fromSeed(7);
    const counts = new Array(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[random.below(6)]++;
    // Five degrees of freedom: 20.5 is exceeded once in a thousand seeds.
    const chi_square = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi_square).toBeLessThan(20.5);
  });

  it("throw away what would make some values likelier", () => {
    // 2^32 mod (2^31 + 1) = 2^31 - 1: nearly half of all outputs must be drawn again.
    const raw = Random.fromSeed(3);
    const bounded = Random.fromSeed(3);
    const expected = draw(raw, 50)
      .filter((word) => word >= 2 ** 31 - 1)
      .map((word) => word % (2 ** 31 + 1));
    expect(expected.length).toBeLessThan(40);
    expect(expected.map(() => bounded.below(2 ** 31 + 1))).toEqual(expected);
  });

  it("keep the first output that makes none likelier: 2^32 mod 3 is 1", () => {
    // the next output of a state follows from its second word alone
    const next = (s1: number) => Random.fromState([1, s1, 0, 0]);
    const [one, after_one] = [next(1243005292), next(1243005292)];
    expect(after_one.nextU32()).toBe(1);
    expect(one.below(3)).toBe(1);
    expect(one.state()).toEqual(after_one.state());
    const [zero, after_zero] = [next(0), next(0)];
    expect(after_zero.nextU32()).toBe(0);
    zero.below(3);
    expect(zero.state()).not.toEqual(after_zero.state());
  });

  it("cover 1 and 2^32 and nothing outside", () => {
    const random = Random.fromSeed(5);
    expect(random.below(1)).toBe(0);
    expect(random.below(2 ** 32)).toBeGreaterThanOrEqual(0);
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1]) {
      expect(() => random.below(bound)).toThrow(RangeError);
    }
  });

  it("shuffle to every order of three", () => {
    const random = Random.fromSeed(11);
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const values = Uint32Array.of(0, 1, 2);
      random.shuffle(values);
      orders.set(values.join(), (orders.get(values.join()) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
