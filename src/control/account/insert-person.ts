import { AppError } from "../../model/app-error";
import type { FeedRights, Role } from "../actor";
import type { TxContext } from "../context";
import { isDuplicate } from "../db/faults";
import { feedRights, user } from "../db/schema/accounts";
import { rowOfList, type UserRow } from "./person";

interface NewPerson {
  email: string;
  name: string;
  role: Role;
  feeds: FeedRights;
}

/** @throws AppError conflict when somebody has the address */
export async function insertPerson(ctx: TxContext, { email, name, role, feeds }: NewPerson): Promise<UserRow> {
  const { tx, newId, clock } = ctx;
  const at = new Date(clock.now());
  const row: UserRow = {
    id: newId(),
    email,
    name,
    role,
    emailVerified: false,
    image: null,
    createdAt: at,
    updatedAt: at,
    disabledAt: null,
  };
  try {
    await tx.insert(user).values(row);
  } catch (error) {
    throw isDuplicate(error, "user_email") ? emailTaken(email, error) : error;
  }
  const rights = { read: rowOfList(feeds.read), write: rowOfList(feeds.write) };
  if (rights.read !== null || rights.write !== null) await tx.insert(feedRights).values({ userId: row.id, ...rights });
  return row;
}

export const emailTaken = (email: string, cause?: unknown): AppError =>
  new AppError("conflict", `Somebody has the address ${email} already.`, {}, { cause });
