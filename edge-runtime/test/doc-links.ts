import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { root } from './source-tree.ts';

/** Links of a Markdown page that lead to no file of the tree, or to a heading that the page there has not. */
export function brokenLinks(page: string, text = readFileSync(join(root, page), 'utf8')): string[] {
  const links = [...outsideCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return links
    .filter((link) => !/^[a-z]+:/.test(link) && !leads(page, link))
    .map((link) => `${page}: ${link}`);
}

function leads(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const file = path === '' ? page : posix.join(dirname(page), decodeURIComponent(path));
  if (!existsSync(join(root, file))) return false;
  if (heading === undefined || !file.endsWith('.md')) return true;
  const text = readFileSync(join(root, file), 'utf8');
  return headings(text).includes(decodeURIComponent(heading)) || text.includes(`<a id="${heading}"></a>`);
}

/** As GitHub makes ids of headings: lower case, spaces to hyphens, other signs left out. */
function headings(text: string): string[] {
  return [...outsideCode(text).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const folders = 'edge-runtime|drivers|sync-agent|flows|models|systemd';

/** Paths from the root that stand in code of a page: in text, in tables and in commands. */
export function namedPaths(text: string): string[] {
  const path = new RegExp(`(?<![\\w/@.-])(?:${folders})/[\\w./@-]*[\\w/]`, 'g');
  return [...new Set([...text.matchAll(path)].map(([found]) => found))];
}

function outsideCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}
