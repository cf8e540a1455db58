// `schema`: the JSON Schema of scenario files, for editors.

import { jsonText } from "../../output/json.ts";
import { scenarioJsonSchema } from "../../scenario/schema.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import type { SchemaOptions } from "../usage/schema.ts";

export async function schemaCommand(options: SchemaOptions, io: CommandIo): Promise<void> {
  await prepareDelivery(options);
  await deliver(io, options, jsonText(scenarioJsonSchema()));
}
