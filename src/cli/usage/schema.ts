// What `schema` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";
import type { OutputOptions } from "./options.ts";

export type SchemaOptions = Pick<OutputOptions, "out">;

export function addSchema(program: Command, io: CommandIo): void {
  program
    .command("schema")
    .description("print the JSON Schema of scenario files")
    .option("--out <file>", "write to a file instead, in one step")
    .addHelpText(
      "after",
      `
Examples:
  vma-teardown schema --out scenario.schema.json`,
    )
    .action(async (options: SchemaOptions) => {
      const { schemaCommand } = await import("../commands/schema.ts");
      await schemaCommand(options, io);
    });
}
