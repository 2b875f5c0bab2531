import { type Form, formOf, type Schema } from '../form.ts';
import { formText, type Language } from '../said.ts';
import { inline } from '../write.ts';
import { Examples, exampleFiles } from './examples.ts';
import { type Key, plainPath, type Section } from './sections.ts';
import texts from './texts.json' with { type: 'json' };
import { meaningOf } from './words.ts';

/** File names of the reference, beside the folder of this program. */
export const pageNames: Readonly<Record<Language, string>> = {
  'zh-CN': 'REFERENCE.zh-CN.md',
  en: 'REFERENCE.md',
};

/** The reference of the site file as a Markdown page. */
export function referencePage(sections: readonly Section[], language: Language): string {
  const files = exampleFiles();
  const page = new Page(language, new Examples(files.values()), sections);
  const { title, other, intro, made, examples, contents } = texts[language];
  const links = [...files.keys()].map((name) => `- [${name}](reference/examples/${name})`);
  return [
    `# ${title}`,
    other,
    ...intro,
    `${examples}\n\n${links.join('\n')}`,
    made,
    `## ${contents}`,
    sections.map((section) => page.contentsLine(section)).join('\n'),
    ...sections.map((section) => page.section(section)),
  ]
    .join('\n\n')
    .concat('\n');
}

class Page {
  readonly #language: Language;
  readonly #examples: Examples;
  readonly #shared: ReadonlySet<string>;

  constructor(language: Language, examples: Examples, sections: readonly Section[]) {
    this.#language = language;
    this.#examples = examples;
    this.#shared = new Set(sections.filter(({ shared }) => shared).map(({ path }) => path));
  }

  contentsLine({ path }: Section): string {
    const depth = path.replace('.*', '').split('.').length - 1;
    return `${'  '.repeat(depth)}- ${this.#link(path)}`;
  }

  section({ path, keys }: Section): string {
    const { columns } = texts[this.#language];
    const head = [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`];
    const rows = keys.map((key) => `| ${this.#cells(key).map(escaped).join(' | ')} |`);
    return [`<a id="${anchor(path)}"></a>\n\n## ${this.#nameOf(path)}`, [...head, ...rows].join('\n')].join(
      '\n\n',
    );
  }

  #cells(key: Key): string[] {
    const example = this.#examples.of(key);
    // The example of a section stands at its keys.
    const shown = example === undefined || key.leadsTo.length > 0 ? '' : `\`${example}\``;
    return [
      `\`${key.name}\``,
      meaningOf(key, this.#language) ?? '',
      this.#form(key),
      this.#fallback(key),
      shown,
    ];
  }

  /** Type, unit and bounds in the words of `config check`; a section is a link to its keys. */
  #form({ schema, name, leadsTo }: Key): string {
    const { section, table, items, or } = texts[this.#language];
    const links = leadsTo.map((path) => this.#link(path)).join(or);
    const words = (form: Form) => formText(form, this.#language).trim();
    const members = (schema.anyOf ?? schema.oneOf ?? []).filter((one) => !one.properties);
    const besides = members.map((one) => words(formOf(one, name)));
    if (schema.type === 'array' && leadsTo.length > 0)
      return `${words(formOf(schema, name))}${items}${links}`;
    if (isTable(schema)) {
      const names = schema.propertyNames?.enum ?? [];
      return `${table}${names.join(', ')}${items}${links}`;
    }
    if (leadsTo.length > 0) return [...besides, `${section}${links}`].join(or);
    if (schema.type === 'array' && schema.items && !schema.items.prefixItems)
      return `${words(formOf(schema, name))}${items}${words(formOf(schema.items, name))}`;
    return words(formOf(schema, name));
  }

  #fallback({ schema, required }: Key): string {
    const { required: must, none, ofKeys } = texts[this.#language];
    if (required) return must;
    if (schema.default === undefined) return none;
    const value = inline(schema.default, 'yaml');
    return value === '{}' && !isTable(schema) ? ofKeys : `\`${value}\``;
  }

  #link(path: string): string {
    return `[${this.#nameOf(path)}](#${anchor(path)})`;
  }

  #nameOf(path: string): string {
    const kind = this.#shared.has(path) ? undefined : /\(([^)]*)\)/.exec(path)?.[1];
    const name = path === '' ? texts[this.#language].whole : `\`${plainPath(path)}\``;
    return kind === undefined ? name : `${name} (kind: ${kind})`;
  }
}

function isTable({ properties, additionalProperties }: Schema): boolean {
  return properties === undefined && typeof additionalProperties === 'object';
}

/** GitHub makes different ids of the two languages' headings; these are the same in both pages. */
function anchor(path: string): string {
  return path === '' ? 'file' : path.replaceAll(/[^a-zA-Z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
}

/** A bar divides the cells of a table, also within code. */
function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
