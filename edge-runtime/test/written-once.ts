import type { Node } from 'typescript/unstable/ast';
import {
  isAwaitExpression,
  isBinaryExpression,
  isCallExpression,
  isDoStatement,
  isForStatement,
  isFunctionLikeDeclaration,
  isIdentifier,
  isIfStatement,
  isParenthesizedExpression,
  isPrefixUnaryExpression,
  isVariableDeclaration,
  isWhileStatement,
} from 'typescript/unstable/ast/is';
import { Compiled, nodesIn } from './syntax.ts';

/**
 * Copies of what lab/harness holds once, a line each: a function that asks one of its parameters again and
 * again with pauses between (`until`), or that listens on a port only to give its number away (`freePort`).
 */
export function copiesOfHarness(files: readonly string[]): string[] {
  using tree = new Compiled();
  return files.flatMap((path) =>
    tree.nodesOf(path).flatMap((node) => {
      const copied = copyOf(node);
      if (copied === undefined) return [];
      const line = node.getSourceFile().text.slice(0, node.getStart()).split('\n').length;
      return [`${path}:${line}: ${copied}() of @gatehouse/harness does this`];
    }),
  );
}

function copyOf(node: Node): string | undefined {
  if (!isFunctionLikeDeclaration(node)) return undefined;
  if (polls(node)) return 'until';
  return givesPortAway(node) ? 'freePort' : undefined;
}

function polls(node: Node): boolean {
  const given = parametersOf(node);
  return ownNodes(node)
    .filter(isLoop)
    .some((loop) => {
      const within = nodesIn(loop);
      return (
        within.some((one) => isAwaitExpression(one) && isPause(one.expression)) &&
        within.some((one) => isCallExpression(one) && given.has(one.expression.getText()) && isAsked(one))
      );
    });
}

/** True if something depends on the answer: a loop, a branch, or a later use under a name. */
function isAsked(call: Node): boolean {
  let node = call;
  while (isWrapping(node.parent)) node = node.parent;
  const { parent } = node;
  return isVariableDeclaration(parent) || isIfStatement(parent) || isLoop(parent);
}

function isWrapping(node: Node): boolean {
  return (
    isAwaitExpression(node) ||
    isParenthesizedExpression(node) ||
    isPrefixUnaryExpression(node) ||
    isBinaryExpression(node)
  );
}

function isLoop(node: Node): boolean {
  return isWhileStatement(node) || isDoStatement(node) || isForStatement(node);
}

/** A timer that is awaited, by the names it has in this tree. */
function isPause(awaited: Node): boolean {
  const text = awaited.getText();
  return (
    /^(pause|delay|wait|sleep|setTimeout)\(/.test(text) ||
    /^new Promise\b[\s\S]*(setTimeout|after)\(/.test(text)
  );
}

function givesPortAway(node: Node): boolean {
  const calls = ownNodes(node).filter(isCallExpression);
  const listens = calls.some((one) => /\blisten\((0|server)\b/.test(one.getText()));
  const closes = calls.some(({ expression }) => /\.close$/.test(expression.getText()));
  return listens && closes && /\breturn\b[^;]*\bport\b/.test(node.getText());
}

function parametersOf(node: Node): Set<string> {
  return new Set(
    isFunctionLikeDeclaration(node)
      ? node.parameters.flatMap(({ name }) => (isIdentifier(name) ? [name.text] : []))
      : [],
  );
}

/** Nodes that belong to a function itself and not to one within it. */
function ownNodes(node: Node): Node[] {
  return nodesIn(node, (one) => one !== node && isFunctionLikeDeclaration(one));
}
