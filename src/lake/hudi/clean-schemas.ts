/** Avro schemas of Hudi's clean plan and clean metadata, as release 0.15 writes them (namespace org.apache.hudi.avro.model). */
const STRING = { type: "string", "avro.java.string": "String" };
const STRINGS = { type: "array", items: STRING };
const STRING_MAP = { type: "map", "avro.java.string": "String", values: STRING };

export const CLEANER_PLAN = {
  namespace: "org.apache.hudi.avro.model",
  type: "record",
  name: "HoodieCleanerPlan",
  fields: [
    {
      name: "earliestInstantToRetain",
      type: [
        "null",
        {
          type: "record",
          name: "HoodieActionInstant",
          fields: [
            { name: "timestamp", type: STRING },
            { name: "action", type: STRING },
            { name: "state", type: STRING },
          ],
        },
      ],
      default: null,
    },
    { name: "lastCompletedCommitTimestamp", type: STRING, default: "" },
    { name: "policy", type: STRING },
    {
      name: "filesToBeDeletedPerPartition",
      type: ["null", { type: "map", "avro.java.string": "String", values: STRINGS }],
      default: null,
    },
    { name: "version", type: ["int", "null"], default: 1 },
    {
      name: "filePathsToBeDeletedPerPartition",
      type: [
        "null",
        {
          type: "map",
          "avro.java.string": "String",
          values: {
            type: "array",
            items: {
              type: "record",
              name: "HoodieCleanFileInfo",
              fields: [
                { name: "filePath", type: ["null", STRING], default: null },
                { name: "isBootstrapBaseFile", type: ["null", "boolean"], default: null },
              ],
            },
          },
        },
      ],
      default: null,
    },
    { name: "partitionsToBeDeleted", type: ["null", STRINGS], default: null },
    { name: "extraMetadata", type: ["null", STRING_MAP], default: null },
  ],
};

const PARTITION_METADATA = {
  type: "record",
  name: "HoodieCleanPartitionMetadata",
  fields: [
    { name: "partitionPath", type: STRING },
    { name: "policy", type: STRING },
    { name: "deletePathPatterns", type: STRINGS },
    { name: "successDeleteFiles", type: STRINGS },
    { name: "failedDeleteFiles", type: STRINGS },
    { name: "isPartitionDeleted", type: ["null", "boolean"], default: null },
  ],
};

export const CLEAN_METADATA = {
  namespace: "org.apache.hudi.avro.model",
  type: "record",
  name: "HoodieCleanMetadata",
  fields: [
    { name: "startCleanTime", type: STRING },
    { name: "timeTakenInMillis", type: "long" },
    { name: "totalFilesDeleted", type: "int" },
    { name: "earliestCommitToRetain", type: STRING },
    { name: "lastCompletedCommitTimestamp", type: STRING, default: "" },
    { name: "partitionMetadata", type: { type: "map", "avro.java.string": "String", values: PARTITION_METADATA } },
    { name: "version", type: ["int", "null"], default: 1 },
    {
      name: "bootstrapPartitionMetadata",
      type: ["null", { type: "map", "avro.java.string": "String", values: "HoodieCleanPartitionMetadata" }],
      default: null,
    },
    { name: "extraMetadata", type: ["null", STRING_MAP], default: null },
  ],
};
