import { expect, test } from "vitest";
import { OF_TIME, readingRoutes } from "../support/time-matrix";

test("every route that reads takes at, or says why it is of the present; and none that is gone does", () => {
  expect(Object.keys(OF_TIME).sort()).toEqual(readingRoutes());
});
