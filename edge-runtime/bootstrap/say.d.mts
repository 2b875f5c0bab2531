export function say(message: string): void;
export function fail(message: string): never;
export function diskProblem(text: string, where: string): string | undefined;
