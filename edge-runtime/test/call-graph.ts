import type { BindingElement, ClassDeclaration, Node } from 'typescript/unstable/ast';
import {
  isArrowFunction,
  isBindingElement,
  isClassDeclaration,
  isConstructorDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isObjectLiteralExpression,
  isPrivateIdentifier,
  isPropertyAssignment,
  isPropertyDeclaration,
  isTypeNode,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is';
import type { NodeHandle, Symbol as TsSymbol, Type } from 'typescript/unstable/sync';
import { isTest, sourceFiles } from './source-tree.ts';
import { Compiled, nodesIn } from './syntax.ts';

/** A function of the product: its place and its name for people. */
export interface Callable {
  readonly name: string;
  readonly path: string;
  readonly node: Node;
}

/** A declaration of a package that is reached, with the way to it. */
export interface Reached {
  readonly way: readonly string[];
  /** File of the declaration, e.g. `…/node_modules/@types/node/fs.d.ts`. */
  readonly file: string;
  readonly name: string;
}

/** The product alone: its simulators, benches and pages may call anything. */
const isProduct = (path: string) =>
  path.endsWith('.ts') &&
  !isTest(path) &&
  !/\/(simulators|lab|web|bootstrap|training)\//.test(path) &&
  !path.endsWith('.d.ts');

/**
 * Says which function reaches which, as far as the compiler can tell: calls, getters, functions handed over
 * by name. A call through an interface leads to all classes that implement it. A call through an option leads
 * to all functions that are ever given for it.
 */
export class CallGraph implements Disposable {
  readonly #tree = new Compiled();
  readonly #project = this.#tree.project;
  readonly #files = sourceFiles()
    .map(({ path }) => path)
    .filter(isProduct);
  readonly #uses = new Map<string, readonly TsSymbol[]>();
  #given: ReadonlyMap<string, readonly Node[]> | undefined;

  [Symbol.dispose](): void {
    this.#tree[Symbol.dispose]();
  }

  /** Functions, methods and getters of the product that a test of name and text chooses. */
  callables(chosen: (name: string, node: Node) => boolean): Callable[] {
    return this.#files.flatMap((path) =>
      this.#tree.nodesOf(path, isTypeNode).flatMap((node) => {
        if (!isMethodDeclaration(node) && !isGetAccessorDeclaration(node) && !isFunctionDeclaration(node))
          return [];
        const own = node.name?.getText() ?? '';
        const { parent } = node;
        const name = isClassDeclaration(parent) ? `${parent.name?.getText()}.${own}` : own;
        return chosen(own, node) ? [{ name, path, node }] : [];
      }),
    );
  }

  /** Every declaration outside of the product that a function may reach. */
  reachedFrom({ node, name }: Callable): Reached[] {
    const reached: Reached[] = [];
    const seen = new Set<string>();
    const visit = (body: Node, way: readonly string[]) => {
      if (seen.has(keyOf(body))) return;
      seen.add(keyOf(body));
      for (const symbol of this.#usedIn(body))
        for (const declaration of symbol.declarations) {
          if (declaration.path.includes('/node_modules/'))
            reached.push({ way, file: declaration.path, name: symbol.name });
          else for (const next of this.#bodiesOf(declaration)) visit(next, [...way, readable(symbol.name)]);
        }
    };
    visit(node, [name]);
    return reached;
  }

  /**
   * The code that a declaration of the product may run: its own body, those of implementations, or the
   * functions that are given for it.
   */
  #bodiesOf(declaration: NodeHandle): readonly Node[] {
    const node = declaration.resolve();
    if (!node) return [];
    if (isMethodDeclaration(node) || isGetAccessorDeclaration(node) || isFunctionDeclaration(node))
      return [node];
    if (isClassDeclaration(node)) return node.members.filter(isConstructorDeclaration);
    if ((isVariableDeclaration(node) || isPropertyDeclaration(node)) && node.initializer) {
      const { initializer } = node;
      return isArrowFunction(initializer) || isFunctionExpression(initializer) ? [initializer] : [];
    }
    // `const { apply } = this.#options`: a call by this name is a call of the option.
    if (isBindingElement(node)) return this.#propertyOf(node).flatMap((taken) => this.#bodiesOf(taken));
    this.#given ??= this.#collectGiven();
    return this.#given.get(keyOf(node)) ?? [];
  }

  #propertyOf({ parent, name, propertyName }: BindingElement): readonly NodeHandle[] {
    const { checker } = this.#project;
    const type = checker.getTypeAtLocation(parent);
    const taken = (propertyName ?? name)?.getText();
    const property = type && taken ? checker.getPropertyOfType(type, taken) : undefined;
    return property?.declarations ?? [];
  }

  /** Symbols that are named in a function's body, aliases resolved. */
  #usedIn(body: Node): readonly TsSymbol[] {
    const key = keyOf(body);
    const known = this.#uses.get(key);
    if (known) return known;
    const { checker } = this.#project;
    // A type runs nothing, and a class that is named in one is not made.
    const names = nodesIn(body, isTypeNode).filter((node) => isIdentifier(node) || isPrivateIdentifier(node));
    const symbols = checker.getSymbolAtLocation(names).flatMap((symbol) => (symbol ? [symbol] : []));
    const used = [...new Map(symbols.map((symbol) => [symbol.id, this.#tree.aliased(symbol)])).values()];
    this.#uses.set(key, used);
    return used;
  }

  /**
   * Functions that stand for a mere declaration: those given in an object literal, and the methods of a class
   * for the interface that it implements. By the declaration that they stand for.
   */
  #collectGiven(): Map<string, Node[]> {
    const given = new Map<string, Node[]>();
    const { checker } = this.#project;
    const collect = (type: Type | undefined, members: readonly Node[]) => {
      for (const member of members) {
        const { name, body } = functionIn(member);
        const property = type && name !== undefined ? checker.getPropertyOfType(type, name) : undefined;
        for (const declaration of property?.declarations ?? [])
          add(given, keyOf(declaration.resolve()), body);
      }
    };
    for (const node of this.#files.flatMap((path) => this.#tree.nodesOf(path, isTypeNode)))
      if (isObjectLiteralExpression(node)) collect(checker.getContextualType(node), node.properties);
      else if (isClassDeclaration(node)) for (const base of this.#basesOf(node)) collect(base, node.members);
    return given;
  }

  #basesOf({ heritageClauses }: ClassDeclaration): Type[] {
    const { checker } = this.#project;
    return [...(heritageClauses ?? [])]
      .flatMap(({ types }) => [...types])
      .flatMap(({ expression }) => {
        const symbol = checker.getSymbolAtLocation(expression);
        return symbol ? [checker.getDeclaredTypeOfSymbol(this.#tree.aliased(symbol))] : [];
      });
  }
}

/** A member that is a function, with its name. */
function functionIn(member: Node): { readonly name?: string; readonly body?: Node } {
  if (isMethodDeclaration(member) || isGetAccessorDeclaration(member))
    return { name: member.name.getText(), body: member };
  if (isPropertyAssignment(member) || isPropertyDeclaration(member)) {
    const value = member.initializer;
    if (value && (isArrowFunction(value) || isFunctionExpression(value)))
      return { name: member.name.getText(), body: value };
  }
  return {};
}

function keyOf(node: Node | undefined): string {
  return node ? `${node.getSourceFile().fileName}:${node.pos}` : '';
}

function add(map: Map<string, Node[]>, key: string, node: Node | undefined): void {
  if (!node || key === '') return;
  map.set(key, [...(map.get(key) ?? []), node]);
}

/** `__#80@#wake` is how the compiler calls `#wake`. */
function readable(name: string): string {
  return name.replace(/^__#\d+@/, '');
}
