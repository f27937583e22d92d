import { localStorage } from "~/lake/storage/local";
import { googleBucket } from "~/lake/storage/google-bucket";
import { objectStorage } from "~/lake/storage/object-storage";
import { storageContract } from "./storage-contract";
import { temporaryFolder } from "../support/temporary-folder";
import { googleStorage, makeBucket } from "../support/test-bucket";

storageContract("a local disk", async () => localStorage(await temporaryFolder()));

storageContract("a bucket of Google Cloud Storage", async (context) =>
  // Listings of a few pages.
  objectStorage(googleBucket({ ...(await makeBucket(await googleStorage(context))), pageSize: 7 })),
);
