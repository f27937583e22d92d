/** For drizzle-kit: `npm run db:generate -- --name what_it_does` writes the migration that the schema asks for. */
import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/control/db/schema/*.ts",
  out: "./src/control/db/migrations",
});
