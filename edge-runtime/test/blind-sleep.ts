import type { Node } from 'typescript/unstable/ast';
import {
  isAwaitExpression,
  isCallExpression,
  isDoStatement,
  isForInStatement,
  isForOfStatement,
  isForStatement,
  isFunctionLikeDeclaration,
  isIdentifier,
  isNewExpression,
  isWhileStatement,
} from 'typescript/unstable/ast/is';
import { Compiled } from './syntax.ts';

/**
 * Places where a test waits for time to pass instead of for the thing that it needs: `await` of a timer that
 * no loop looks after. A machine slower than its author's makes such a test fail. A test that polls a
 * condition with a generous bound only takes longer.
 */
export function blindSleeps(files: readonly string[]): string[] {
  using tree = new Compiled();
  return files.flatMap((path) =>
    tree
      .nodesOf(path)
      .filter((node) => isAwaitExpression(node) && isTimer(tree, node.expression) && !isInLoop(node))
      .map((node) => {
        const line = node.getSourceFile().text.slice(0, node.getStart()).split('\n').length;
        return `${path}:${line}: ${node.getText().replaceAll(/\s+/g, ' ')}`;
      }),
  );
}

/**
 * `setTimeout` of node:timers/promises, the kit's `sleep`, and a promise that a `setTimeout` resolves, under
 * any name.
 */
function isTimer(tree: Compiled, awaited: Node): boolean {
  if (isNewExpression(awaited)) return /^new Promise\b[\s\S]*\bsetTimeout\(/.test(awaited.getText());
  if (!isCallExpression(awaited) || !isIdentifier(awaited.expression)) return false;
  const named = tree.project.checker.getSymbolAtLocation(awaited.expression);
  if (!named) return false;
  const symbol = tree.aliased(named);
  return symbol.declarations.some(
    ({ path }) =>
      (symbol.name === 'setTimeout' && path.endsWith('/timers/promises.d.ts')) ||
      (symbol.name === 'sleep' && path.endsWith('/edge-runtime/kit/clock.ts')),
  );
}

function isInLoop(node: Node): boolean {
  for (let outer: Node | undefined = node.parent; outer; outer = outer.parent) {
    if (isWhileStatement(outer) || isDoStatement(outer) || isForStatement(outer)) return true;
    if (isForOfStatement(outer) || isForInStatement(outer) || isFunctionLikeDeclaration(outer)) return false;
  }
  return false;
}
