CREATE TABLE "note" (
	"id" text PRIMARY KEY NOT NULL,
	"about" text NOT NULL,
	"feed" text NOT NULL,
	"ref" text NOT NULL,
	"text" text NOT NULL,
	"author_id" text NOT NULL,
	"author_name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pipeline_owner" (
	"pipeline_name" text PRIMARY KEY NOT NULL,
	"owner_name" text,
	"owner_id" text,
	"runbook_url" text,
	"logs_template" text,
	"rerun_template" text,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "problem_mark" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"feed" text NOT NULL,
	"problem_id" text NOT NULL,
	"pipeline_name" text NOT NULL,
	"stage_name" text NOT NULL,
	"error" text NOT NULL,
	"reason" text NOT NULL,
	"author_id" text NOT NULL,
	"author_name" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_because" text
);
--> statement-breakpoint
CREATE INDEX "note_about" ON "note" USING btree ("feed","about","ref","created_at");--> statement-breakpoint
CREATE INDEX "pipeline_owner_owner" ON "pipeline_owner" USING btree ("owner_id");--> statement-breakpoint
CREATE UNIQUE INDEX "problem_mark_in_force" ON "problem_mark" USING btree ("feed","problem_id","kind") WHERE "problem_mark"."ended_at" IS NULL;--> statement-breakpoint
CREATE INDEX "problem_mark_problem" ON "problem_mark" USING btree ("feed","problem_id","created_at");