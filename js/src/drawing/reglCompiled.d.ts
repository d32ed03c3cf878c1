export const COMPILED: Record<string, (...linked: unknown[]) => unknown>;
