/** What a Spark Thrift Server with Hudi is started with. Each line that surprises says why it is there. */
import path from "node:path";

/** What Spark's JavaModuleOptions asks for, Spark 3.5. */
const OPENED = [
  "java.lang",
  "java.lang.invoke",
  "java.lang.reflect",
  "java.io",
  "java.net",
  "java.nio",
  "java.util",
  "java.util.concurrent",
  "java.util.concurrent.atomic",
  "jdk.internal.ref",
  "sun.nio.ch",
  "sun.nio.cs",
  "sun.security.action",
  "sun.util.calendar",
];

const MAIN = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2";

/** Hudi's defaults. Its SQL reads them from this one place of a server: `-Dspark.hoodie.*` is ignored. */
export const HUDI_DEFAULTS = {
  // Without these two the first write turns a table of version 6 into version 9, without a word.
  "hoodie.write.table.version": "6",
  "hoodie.write.auto.upgrade": "false",
  // A metadata table would hide commits that other writers make.
  "hoodie.metadata.enable": "false",
  "hoodie.embed.timeline.server": "false",
  // 430 KB in every base file otherwise.
  "hoodie.parquet.bloom.filter.enabled": "false",
  "hoodie.spark.sql.insert.into.operation": "upsert",
  "hoodie.clean.policy": "KEEP_LATEST_COMMITS",
  "hoodie.clean.commits.retained": "300",
  "hoodie.keep.min.commits": "320",
  "hoodie.keep.max.commits": "380",
  "hoodie.clean.trigger.max.commits": "20",
  "hoodie.parquet.small.file.limit": "1048576",
};

/** The first compiler and the plain collector only: half the CPU time until the server is warm (18 s against 37 s). */
const SHORT_LIVED = [
  "-XX:TieredStopAtLevel=1",
  "-XX:+UseSerialGC",
  // With one compiler Java takes 48 MB, which Spark's classes fill: from then on code is thrown away and compiled again.
  "-XX:ReservedCodeCacheSize=256m",
];

/** Queries over a few rows: making, compiling and revising code for them takes longer than they do. */
const SMALL_QUERIES = {
  "spark.sql.codegen.wholeStage": "false",
  "spark.sql.codegen.factoryMode": "NO_CODEGEN",
  "spark.sql.adaptive.enabled": "false",
};

/**
 * Hadoop's own defaults but for a local disk's: a thousand properties of YARN, MapReduce and remote file systems otherwise, which
 * Spark and Hudi serialise into every stage and read again in every task: a fifth to a third of what a small commit was seen to compute.
 */
const LOCAL_HADOOP = {
  "core-default.xml": hadoopXml({
    "fs.defaultFS": "file:///",
    "fs.AbstractFileSystem.file.impl": "org.apache.hadoop.fs.local.LocalFs",
    "fs.AbstractFileSystem.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFS",
    "hadoop.tmp.dir": "${java.io.tmpdir}/hadoop",
  }),
  "mapred-default.xml": hadoopXml({}),
  "yarn-default.xml": hadoopXml({}),
};

/** @param {Record<string, string>} properties */
function hadoopXml(properties) {
  const lines = Object.entries(properties).map(
    ([name, value]) => `  <property><name>${name}</name><value>${value}</value></property>\n`,
  );
  return `<?xml version="1.0"?>\n<configuration>\n${lines.join("")}</configuration>\n`;
}

const LOGGING = `rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1}: %m%n%ex{short}
# A connection that is closed without a word (a health probe of a load balancer) logs an error with a stack trace each.
logger.thrift.name = org.apache.thrift.server.TThreadPoolServer
logger.thrift.level = off
`;

/**
 * Settings with which Spark finds `gs://` on a server without accounts, in place of Google's.
 *
 * @param {string} endpoint `http://127.0.0.1:8686`
 */
const onGoogleStorage = (endpoint) => ({
  "spark.hadoop.fs.gs.storage.root.url": `${endpoint}/`,
  "spark.hadoop.fs.gs.auth.service.account.enable": "false",
  "spark.hadoop.fs.gs.auth.null.enable": "true",
  "spark.hadoop.fs.gs.project.id": "local",
});

/**
 * Files of the configuration folder by name.
 *
 * @param {{ cores: number, hudi: Record<string, string> }} options `hudi` beside or instead of the defaults
 */
export const configurationFiles = ({ cores, hudi }) => ({
  "log4j2.properties": LOGGING,
  ...LOCAL_HADOOP,
  // Keys are looked up in as many tasks as there are base files otherwise, which on a few cores is mostly overhead.
  "hudi-defaults.conf": Object.entries({ ...HUDI_DEFAULTS, "hoodie.simple.index.parallelism": String(cores), ...hudi })
    .map(([key, value]) => `${key} ${value}\n`)
    .join(""),
});

/**
 * Requests that the connector to `gs://` can do without: for folders that may lie where a file is made, for placeholders of folders
 * that have become empty, and for the existence of a file before its first byte is read. They were a quarter of all of a commit. The
 * last setting asks two questions at once where one follows the other.
 */
const FEWER_REQUESTS = {
  "spark.hadoop.fs.gs.create.items.conflict.check.enable": "false",
  "spark.hadoop.fs.gs.implicit.dir.repair.enable": "false",
  "spark.hadoop.fs.gs.inputstream.fast.fail.on.not.found.enable": "false",
  "spark.hadoop.fs.gs.status.parallel.enable": "true",
};

/** @param {{ home: string, cores: number, shortLived: boolean, googleStorage: string | null, conf: Record<string, string> }} options conf wins over what is here */
const sparkConf = ({ home, cores, shortLived, googleStorage, conf }) => ({
  "spark.master": `local[${cores}]`,
  "spark.app.name": "weir-spark",
  "spark.driver.bindAddress": "127.0.0.1",
  "spark.driver.host": "127.0.0.1",
  "spark.ui.enabled": "false",
  "spark.sql.warehouse.dir": path.join(home, "warehouse"),
  "spark.local.dir": path.join(home, "tmp"),
  "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
  "spark.kryo.registrator": "org.apache.spark.HoodieSparkKryoRegistrar",
  "spark.sql.extensions": "org.apache.spark.sql.hudi.HoodieSparkSessionExtension",
  "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.hudi.catalog.HoodieCatalog",
  "spark.sql.catalogImplementation": "in-memory",
  "spark.sql.session.timeZone": "UTC",
  // `${env:…}` inside a string literal would be replaced.
  "spark.sql.variable.substitute": "false",
  "spark.sql.parser.escapedStringLiterals": "false",
  // A cached relation keeps a session at the commit that it saw first.
  "spark.sql.filesourceTableRelationCacheSize": "0",
  "spark.sql.shuffle.partitions": "2",
  // Arrays with a null in them cannot be written otherwise; it has no effect in a session.
  "spark.hadoop.parquet.avro.write-old-list-structure": "false",
  ...FEWER_REQUESTS,
  ...(shortLived ? SMALL_QUERIES : {}),
  ...(googleStorage === null ? {} : onGoogleStorage(googleStorage)),
  ...conf,
});

/** @param {{ home: string, port: number }} options */
const hiveConf = ({ home, port, hive }) => ({
  "hive.server2.thrift.bind.host": "127.0.0.1",
  "hive.server2.thrift.port": String(port),
  "hive.server2.authentication": "NONE",
  "hive.server2.enable.doAs": "false",
  "hive.server2.allow.user.substitution": "false",
  "hive.server2.long.polling.timeout": "500ms",
  "hive.server2.logging.operation.enabled": "false",
  "hive.exec.local.scratchdir": path.join(home, "scratch"),
  "hive.exec.scratchdir": path.join(home, "scratch"),
  ...hive,
});

/**
 * Arguments of `java`. No `derby.system.home`: the Hive client makes a throw-away Derby in memory, which that option breaks.
 *
 * @param {{ home: string, jars: string, port: number, heapMiB: number, shortLived: boolean, cores: number, googleStorage: string | null, conf: Record<string, string>, hive: Record<string, string> }} options
 * @returns {string[]}
 */
export function javaArguments(options) {
  const { home, jars, heapMiB, shortLived } = options;
  const properties = {
    "user.timezone": "UTC",
    "file.encoding": "UTF-8",
    "java.io.tmpdir": path.join(home, "tmp"),
    "log4j2.configurationFile": path.join(home, "conf", "log4j2.properties"),
    "derby.stream.error.file": path.join(home, "derby.log"),
    "jdk.reflect.useDirectMethodHandle": "false",
    ...sparkConf(options),
  };
  return [
    "-XX:+IgnoreUnrecognizedVMOptions",
    ...OPENED.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
    "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "-Xms512m",
    `-Xmx${heapMiB}m`,
    ...(shortLived ? SHORT_LIVED : []),
    ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
    "-cp",
    [path.join(home, "conf"), path.join(jars, "*")].join(path.delimiter),
    MAIN,
    ...Object.entries(hiveConf(options)).flatMap(([key, value]) => ["--hiveconf", `${key}=${value}`]),
  ];
}
