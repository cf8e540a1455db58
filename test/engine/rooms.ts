// Machines of the test entries: their slots written from a run's specification, then laid out.

import type { RunSpec } from "../../src/api/types.ts";
import type { EngineMemory } from "../../src/engine/abi.ts";
import { writeSpec } from "../../src/engine/config.ts";
import { loadRoom, type Target } from "../queue/load.ts";

/** What every entry with a machine exports. */
export interface MachineRoom {
  memory: WebAssembly.Memory;
  configAddress(): number;
  costsAddress(): number;
  metricsAddress(): number;
  loadConfigAddress?(): number;
  stagingAddress(): number;
  stagingVmas(): number;
  regionBytesAddress(): number;
  init(): number;
}

/** Room for records of the test's own, above what any machine of these tests reserves. */
export const SPARE_BYTES = 2 ** 21;

/**
 * Instantiates a room, writes `wanted` and then the slots of `config` into it, and lays the machine
 * out; no VMA is loaded yet.
 */
export function machineRoom<Room extends MachineRoom>(
  name: string,
  wanted: RunSpec,
  config: Readonly<Record<number, number>> = {},
  target: Target = "debug",
): { room: Room; spare: number } {
  const room = loadRoom<Room>(name, target, 1);
  const slots = (address: number) => new BigUint64Array(room.memory.buffer, address, 512);
  const writer = {
    writeConfig: (slot: number, value: bigint) => {
      slots(room.configAddress())[slot] = BigInt.asUintN(64, value);
    },
    writeLoad: (slot: number, value: bigint) => {
      // only a run with bystanders writes any, and only some entries have such runs
      slots(room.loadConfigAddress!())[slot] = value;
    },
    writeCost: (slot: number, ps: bigint) => {
      slots(room.costsAddress())[slot] = ps;
    },
  };
  writeSpec(writer as unknown as EngineMemory, wanted);
  for (const [slot, value] of Object.entries(config)) {
    writer.writeConfig(Number(slot), BigInt(value));
  }
  if (room.init() === 0) throw new Error("no memory for the machine");
  const spare = room.memory.buffer.byteLength;
  room.memory.grow(SPARE_BYTES / 65_536);
  return { room, spare };
}

export function metricOf(room: MachineRoom, slot: number): bigint {
  return new BigUint64Array(room.memory.buffer, room.metricsAddress(), 512)[slot]!;
}

/** Stages VMAs [first page, pages, flags] for `loadVmas`. */
export function stage(
  room: MachineRoom,
  vmas: readonly (readonly [number, number, number])[],
): void {
  const words = new Uint32Array(room.memory.buffer, room.stagingAddress(), vmas.length * 6);
  vmas.forEach(([start, pages, flags], i) => {
    words.set(
      [start, Math.floor(start / 2 ** 32), pages, Math.floor(pages / 2 ** 32), flags, 0],
      i * 6,
    );
  });
}
