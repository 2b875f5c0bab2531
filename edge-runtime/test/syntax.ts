import { join } from 'node:path';
import type { Node } from 'typescript/unstable/ast';
import { API, type Project, SymbolFlags, type Symbol as TsSymbol } from 'typescript/unstable/sync';
import { root } from './source-tree.ts';

/** The tree as the compiler knows it: the project of tsconfig.json, until it is disposed of. */
export class Compiled implements Disposable {
  readonly #api = new API({ cwd: root });
  readonly project: Project;
  constructor() {
    const config = join(root, 'tsconfig.json');
    const project = this.#api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (!project) throw new Error('tsconfig.json gives no project');
    this.project = project;
  }
  [Symbol.dispose](): void {
    this.#api.close();
  }

  /**
   * Every node of a file, given by its path from the root; a node that `skip` names is left out with all
   * below it.
   */
  nodesOf(path: string, skip?: (node: Node) => boolean): Node[] {
    const file = this.project.program.getSourceFile(join(root, path));
    return file ? nodesIn(file, skip) : [];
  }

  /** The symbol that an import stands for. */
  aliased(symbol: TsSymbol): TsSymbol {
    return (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : this.project.checker.getAliasedSymbol(symbol);
  }
}

export function nodesIn(start: Node, skip: (node: Node) => boolean = () => false): Node[] {
  const found: Node[] = [];
  const visit = (node: Node): undefined => {
    if (skip(node)) return undefined;
    found.push(node);
    node.forEachChild(visit);
    return undefined;
  };
  visit(start);
  return found;
}
