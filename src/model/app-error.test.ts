import { expect, test } from "vitest";
import { AppError, httpStatus, type ErrorCode } from "./app-error";

test.each<[ErrorCode, number]>([
  ["bad-parameter", 400],
  ["bad-body", 400],
  ["unauthorized", 401],
  ["forbidden", 403],
  ["unknown-feed", 404],
  ["not-found", 404],
  ["read-only", 409],
  ["gone", 410],
  ["too-large", 413],
  ["unsupported-type", 415],
  ["misdirected", 421],
  ["nothing-acceptable", 422],
  ["rate-limited", 429],
  ["staging-full", 503],
  ["engine-unavailable", 503],
  ["disk-full", 503],
])("%s is HTTP %d", (code, status) => {
  expect(httpStatus(code)).toBe(status);
});

test("an error keeps what it was caused by and the members of its problem", () => {
  const cause = new Error("why");
  const error = new AppError("gone", "It is gone.", { oldest: "20261121090507042" }, { cause });
  expect(error).toMatchObject({
    name: "AppError",
    code: "gone",
    message: "It is gone.",
    cause,
    details: { oldest: "20261121090507042" },
  });
  expect(new AppError("gone", "It is gone.").details).toEqual({});
});
