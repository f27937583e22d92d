CREATE TABLE "dashboard_layouts" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"owner_id" text NOT NULL,
	"owner_name" text NOT NULL,
	"visibility" text NOT NULL,
	"layout" jsonb NOT NULL,
	"revision" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by_id" text NOT NULL,
	"updated_by_name" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "dashboard_layouts_owner" ON "dashboard_layouts" USING btree ("owner_id");--> statement-breakpoint
CREATE INDEX "dashboard_layouts_visibility" ON "dashboard_layouts" USING btree ("visibility");