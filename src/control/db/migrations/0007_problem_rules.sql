CREATE TABLE "problem_rule" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"feed" text NOT NULL,
	"problem_id" text NOT NULL,
	"into_id" text,
	"containing" text,
	"pipeline_name" text NOT NULL,
	"stage_name" text NOT NULL,
	"error" text NOT NULL,
	"author_id" text NOT NULL,
	"author_name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "problem_rule_merge" ON "problem_rule" USING btree ("feed","problem_id") WHERE "problem_rule"."kind" = 'merge';--> statement-breakpoint
CREATE UNIQUE INDEX "problem_rule_split" ON "problem_rule" USING btree ("feed","problem_id","containing") WHERE "problem_rule"."kind" = 'split';