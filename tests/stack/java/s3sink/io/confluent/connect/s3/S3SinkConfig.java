package io.confluent.connect.s3;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.connect.sink.SinkRecord;

/** The options of Confluent's sink that this one honours; all others (format.class, storage.class, ...) are accepted and ignored. */
final class S3SinkConfig extends AbstractConfig {
    static final ConfigDef DEF = new ConfigDef()
            .define("s3.bucket.name", Type.STRING, Importance.HIGH, "bucket")
            .define("s3.region", Type.STRING, "us-west-2", Importance.MEDIUM, "region")
            .define("store.url", Type.STRING, Importance.HIGH, "endpoint, used path style")
            .define("aws.access.key.id", Type.STRING, Importance.HIGH, "access key")
            .define("aws.secret.access.key", Type.PASSWORD, Importance.HIGH, "secret key")
            .define("topics.dir", Type.STRING, "topics", Importance.LOW, "first part of every key")
            .define("file.delim", Type.STRING, "+", Importance.LOW, "between topic, partition and offset")
            .define("flush.size", Type.INT, Importance.HIGH, "records after which a partition's files are closed")
            .define("rotate.interval.ms", Type.LONG, -1L, Importance.HIGH,
                    "span of record time after which files are closed, noticed only when a newer record comes")
            .define("rotate.schedule.interval.ms", Type.LONG, -1L, Importance.MEDIUM,
                    "wall clock interval, aligned to the day, at which files are closed")
            .define("retry.backoff.ms", Type.LONG, 5000L, Importance.LOW, "pause after S3 failed")
            .define("enable.conditional.writes", Type.BOOLEAN, true, Importance.MEDIUM,
                    "with a rotation schedule: never overwrite an object")
            .define("behavior.on.null.values", Type.STRING, "fail", ConfigDef.ValidString.in("fail", "ignore"),
                    Importance.LOW, "what a tombstone does")
            .define("partitioner.class", Type.STRING,
                    "io.confluent.connect.storage.partitioner.DefaultPartitioner", Importance.HIGH,
                    "...DefaultPartitioner (partition=N) or ...TimeBasedPartitioner (path.format)")
            .define("path.format", Type.STRING, "", Importance.MEDIUM, "Joda pattern of the time based path")
            .define("timezone", Type.STRING, "UTC", Importance.MEDIUM, "zone of the path and of the schedule")
            .define("timestamp.extractor", Type.STRING, "Wallclock", Importance.MEDIUM, "Record or Wallclock");

    final long rotateIntervalMs;
    final long rotateScheduleMs;
    final int flushSize;
    final ZoneId zone;
    private final DateTimeFormatter path;
    private final boolean recordTime;

    S3SinkConfig(Map<String, String> props) {
        super(DEF, props, false);
        rotateIntervalMs = getLong("rotate.interval.ms");
        rotateScheduleMs = getLong("rotate.schedule.interval.ms");
        flushSize = getInt("flush.size");
        zone = ZoneId.of(getString("timezone"));
        recordTime = getString("timestamp.extractor").startsWith("Record");
        boolean timeBased = getString("partitioner.class").endsWith("TimeBasedPartitioner");
        // Joda's YYYY is the year of era; java.time's is the week-based year
        path = timeBased
                ? DateTimeFormatter.ofPattern(getString("path.format").replace('Y', 'y')).withZone(zone)
                : null;
    }

    boolean keepsExistingFiles() {
        return rotateScheduleMs > 0 && getBoolean("enable.conditional.writes");
    }

    boolean ignoresTombstones() {
        return "ignore".equals(getString("behavior.on.null.values"));
    }

    long timestampOf(SinkRecord record, long now) {
        return recordTime && record.timestamp() != null ? record.timestamp() : now;
    }

    /** The part of the key between the topic and the file name. */
    String encodedPartition(SinkRecord record, long timestamp) {
        return path == null
                ? "partition=" + record.kafkaPartition()
                : path.format(Instant.ofEpochMilli(timestamp));
    }

    String key(String topic, int partition, String encodedPartition, long startOffset) {
        String delim = getString("file.delim");
        return getString("topics.dir") + "/" + topic + "/" + encodedPartition + "/"
                + topic + delim + partition + delim + String.format("%010d", startOffset) + ".json";
    }
}
