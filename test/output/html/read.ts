// A page back as a tree. More strict than a browser, which forgives: tags have to be closed in order, attributes
// quoted, and a sign that means something escaped.

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

const TOKEN =
  /<!doctype html>|<(\/?)([a-z][\w:-]*)((?:\s[\w:-]+="[^"<]*"|\s[\w:-]+='[^'<]*')*)\s*(\/?)>|([^<]+)/gisy;
const ATTRIBUTE = /([\w:-]+)=(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
};

function decoded(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const sign = ENTITIES[name];
    if (sign === undefined || !whole.endsWith(";")) throw new Error(`not escaped: ${whole}`);
    return sign;
  });
}

/** The root holds the document. Throws where a browser would have to guess. */
export function read(page: string): Element {
  const root: Element = { tag: "", attributes: {}, children: [] };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < page.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(page);
    if (token === null) throw new Error(`no markup: ${page.slice(at, at + 80)}`);
    const [, closing, tag, attributes = "", alone, text] = token;
    const parent = open.at(-1)!;
    if (text !== undefined) parent.children.push(parent.tag === "style" ? text : decoded(text));
    else if (closing === "/") {
      if (parent.tag !== tag) throw new Error(`</${tag}> closes <${parent.tag}>`);
      open.pop();
    } else if (tag !== undefined) {
      const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, name, double, single]) => {
        return [name!, decoded(double ?? single ?? "")] as const;
      });
      const element = { tag, attributes: Object.fromEntries(pairs), children: [] };
      parent.children.push(element);
      if (alone !== "/") open.push(element);
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.tag}> is never closed`);
  return root;
}

/** All elements below one, in the order of the document. */
export function below(element: Element): Element[] {
  return element.children.flatMap((child) =>
    typeof child === "string" ? [] : [child, ...below(child)],
  );
}

export const all = (element: Element, tag: string): Element[] =>
  below(element).filter((one) => one.tag === tag);

export function textOf(element: Element): string {
  return element.children
    .map((child) => (typeof child === "string" ? child : textOf(child)))
    .join("");
}

/** The region that is called so, as its rows: the first of each names it. */
export function tableOf(page: Element, name: string): string[][] {
  const region = below(page).find(({ attributes }) => attributes["aria-label"] === name);
  if (region === undefined) throw new Error(`no table ${name}`);
  return all(region, "tr").map((row) =>
    row.children.filter((child) => typeof child !== "string").map((child) => textOf(child)),
  );
}
