/** Log lines are JSON on stderr; stdout belongs to what a caller of the command waits for. Event text is a value in a line, never a line. */
import { destination, pino, stdSerializers, type Logger } from "pino";

export type Log = Logger;

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const createLog = (level: LogLevel): Log =>
  pino({ level, base: null, serializers: { error: stdSerializers.err } }, destination(2));
