CREATE TABLE "lease" (
	"lake_id" text NOT NULL,
	"feed" text NOT NULL,
	"holder_id" text NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"address" text,
	"fence" bigint NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "lease_lake_id_feed_pk" PRIMARY KEY("lake_id","feed")
);
