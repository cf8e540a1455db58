// What may be said wrongly with --set, one entry a mistake.

const KEYS = ": expected a key of the scenario with dots between its steps, such as machine.cpus";

/** Arguments of --set on a good scenario, and what is said about them. */
export const BAD_OVERRIDES: readonly { readonly set: string; readonly says: string }[] = [
  {
    set: "machine.cpuz=8",
    says: "--set machine.cpuz=8: unknown key machine.cpuz (did you mean `cpus`?)",
  },
  {
    set: "machine.cpus=eight",
    says: '--set machine.cpus=eight: bad value of machine.cpus: found "eight", expected a whole number from 1 to 256 (digits alone, such as 100_000)',
  },
  {
    set: "machine.rcu.blimit=-5",
    says: "--set machine.rcu.blimit=-5: bad value of machine.rcu.blimit: found -5, expected a whole number from 1 to 2,147,483,647",
  },
  {
    set: "machine.cpus=",
    says: "--set machine.cpus=: bad value of machine.cpus: found nothing, expected a whole number from 1 to 256",
  },
  {
    set: "machine.cpus",
    says: '--set: no KEY=VALUE: found "machine.cpus", expected a key of the scenario and its value, such as machine.cpus=8',
  },
  { set: "version.major=1", says: "--set version.major=1: version has no keys of its own" },
  { set: "__proto__.x=1", says: `--set: no such key "__proto__.x"${KEYS}` },
  { set: "machine..cpus=1", says: `--set: no such key "machine..cpus"${KEYS}` },
  { set: "machine.=1", says: `--set: no such key "machine."${KEYS}` },
  {
    set: "machine={generation: 6.120}",
    says: '--set machine={generation: 6.120}: bad value of machine.generation: found 6.120, expected "6.12" (a version is no number: what follows its point counts as it stands)',
  },
  {
    set: "strategies.9=direct",
    says: "--set strategies.9=direct: no such entry of a list of 1: found 9",
  },
  {
    set: "strategies.0=sinlge",
    says: '--set strategies.0=sinlge: bad value of strategies.0: found "sinlge", expected a strategy (did you mean `single`?)',
  },
  {
    set: "seed=[1",
    says: "--set seed=[1: not YAML or JSON: Flow sequence must end with a ]",
  },
];
