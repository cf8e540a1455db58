// `schema`: the JSON Schema of scenario files, for editors.

import type { Command } from "commander";
import { jsonText } from "../../output/json.ts";
import { scenarioJsonSchema } from "../../scenario/schema.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import type { CommandIo } from "../io.ts";

export function addSchema(program: Command, io: CommandIo): void {
  program
    .command("schema")
    .description("print the JSON Schema of scenario files")
    .option("--out <file>", "write to a file instead, in one step")
    .action(async (options: { out?: string }) => {
      await prepareDelivery(options);
      await deliver(io, options, jsonText(scenarioJsonSchema()));
    });
}
