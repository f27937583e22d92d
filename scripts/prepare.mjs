/**
 * Makes a checkout ready to run, whatever state it is in: packages installed, app built. Does nothing, and quickly, when both
 * are current. Several commands may call it at once; one of them does the work.
 */
import "./node-version.mjs";
import { buildApp } from "./app-build.mjs";
import { withLock } from "./lock.mjs";
import { installPackages } from "./packages.mjs";
import { inRoot } from "./paths.mjs";
import { say } from "./processes.mjs";

const onlyOne = (work) =>
  withLock(inRoot("tmp", "prepare.lock"), work, () =>
    say("Another command is installing or building; waiting for it …"),
  );

/** Packages only: for commands that work on sources. */
export const preparePackages = () => onlyOne(installPackages);

/** Packages and the build: for commands that run the app. */
export const prepare = () =>
  onlyOne(async () => {
    await installPackages();
    await buildApp();
  });
