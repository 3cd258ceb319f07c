package io.confluent.connect.s3;

import io.confluent.connect.s3.model.AmazonS3Exception;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open files of one partition: one per path, all closed together. The offset that may be committed is the one
 * behind the last record of closed files, so that what sits in open files shows as lag of the group.
 */
final class TopicPartitionWriter {
    private static final Logger LOG = LoggerFactory.getLogger(TopicPartitionWriter.class);

    private static final class OpenFile {
        final String key;
        final ByteArrayOutputStream body = new ByteArrayOutputStream();

        OpenFile(String key) {
            this.key = key;
        }
    }

    private final TopicPartition tp;
    private final S3SinkConfig config;
    private final S3Client s3;
    private final SinkTaskContext context;
    private final JsonLines json = new JsonLines();
    private final ArrayDeque<SinkRecord> buffer = new ArrayDeque<>();
    private final Map<String, OpenFile> files = new LinkedHashMap<>(); // by path

    private long failedAt; // ms, 0: not waiting for the end of a back-off
    private long nextScheduledRotation;
    private int recordCount; // in open files
    private long startOffset = -1; // of the oldest record not yet in a closed file
    private long nextOffset = -1; // behind the newest record in open files
    private long offsetToCommit = -1;
    private long baseTimestamp; // of the first record in open files
    private String currentPath;

    TopicPartitionWriter(TopicPartition tp, S3SinkConfig config, S3Client s3, SinkTaskContext context, long failedAt) {
        this.tp = tp;
        this.config = config;
        this.s3 = s3;
        this.context = context;
        this.failedAt = failedAt;
        nextScheduledRotation = nextAligned(System.currentTimeMillis());
        if (failedAt > 0) {
            context.pause(tp); // or the whole topic would be read into memory during the back-off
        }
    }

    void buffer(SinkRecord record) {
        buffer.add(record);
        if (startOffset < 0) {
            startOffset = record.kafkaOffset();
        }
    }

    /** Where to read again after a failure. */
    long currentStartOffset() {
        return startOffset;
    }

    OptionalLong takeOffsetToCommit() {
        OptionalLong taken = offsetToCommit < 0 ? OptionalLong.empty() : OptionalLong.of(offsetToCommit);
        offsetToCommit = -1;
        return taken;
    }

    /**
     * @throws RetriableException when S3 cannot be reached: this writer is then to be thrown away
     * @throws FileExistsException when the next file's key is taken: likewise
     */
    void write(long now) {
        if (failedAt > 0) {
            if (now - failedAt < config.getLong("retry.backoff.ms")) {
                return;
            }
            failedAt = 0;
            context.resume(tp);
        }
        while (!buffer.isEmpty()) {
            SinkRecord record = buffer.peek();
            long timestamp = config.timestampOf(record, now);
            String path = config.encodedPartition(record, timestamp);
            if (rotateOnRecordTime(path, timestamp) || rotateOnSchedule(now)) {
                closeFiles(now);
            }
            append(buffer.poll(), path, timestamp);
            if (recordCount >= config.flushSize) {
                closeFiles(now);
            }
        }
        if (rotateOnSchedule(now)) { // rotate.interval.ms needs a newer record, the schedule does not
            closeFiles(now);
        }
    }

    private boolean rotateOnRecordTime(String path, long timestamp) {
        return recordCount > 0 && config.rotateIntervalMs > 0
                && (timestamp - baseTimestamp >= config.rotateIntervalMs || !path.equals(currentPath));
    }

    private boolean rotateOnSchedule(long now) {
        return recordCount > 0 && config.rotateScheduleMs > 0 && now >= nextScheduledRotation;
    }

    /** The next wall clock time that is a whole number of intervals after midnight. */
    private long nextAligned(long now) {
        if (config.rotateScheduleMs <= 0) {
            return Long.MAX_VALUE;
        }
        ZonedDateTime local = Instant.ofEpochMilli(now).atZone(config.zone);
        long midnight = local.toLocalDate().atStartOfDay(config.zone).toInstant().toEpochMilli();
        long whole = (now - midnight) / config.rotateScheduleMs;
        return midnight + (whole + 1) * config.rotateScheduleMs;
    }

    private void append(SinkRecord record, String path, long timestamp) {
        if (recordCount == 0) {
            baseTimestamp = timestamp;
            startOffset = record.kafkaOffset();
            nextScheduledRotation = nextAligned(System.currentTimeMillis());
        }
        OpenFile file = files.computeIfAbsent(path,
                p -> new OpenFile(config.key(tp.topic(), tp.partition(), p, record.kafkaOffset())));
        file.body.writeBytes(json.line(record));
        currentPath = path;
        nextOffset = record.kafkaOffset() + 1;
        recordCount++;
    }

    private void closeFiles(long now) {
        for (OpenFile file : files.values()) {
            upload(file);
        }
        LOG.info("Closed {} file(s) of {}: {} records from offset {}", files.size(), tp, recordCount, startOffset);
        files.clear();
        recordCount = 0;
        offsetToCommit = nextOffset;
        startOffset = buffer.isEmpty() ? -1 : buffer.peek().kafkaOffset();
        nextScheduledRotation = nextAligned(now);
        context.requestCommit();
    }

    private void upload(OpenFile file) {
        try {
            // Asked with a HEAD, not with If-None-Match on the PUT: so a frozen S3 holds up a request that changes
            // nothing, as it does with the real one, whose first request only begins a multipart upload.
            if (config.keepsExistingFiles() && s3.objectExists(file.key)) {
                throw new FileExistsException(file.key);
            }
            s3.put(file.key, file.body.toByteArray());
        } catch (IOException e) {
            throw new RetriableException(e.getMessage(), e);
        } catch (AmazonS3Exception e) {
            if (e.isRetriable()) {
                throw new RetriableException(e.getMessage(), e);
            }
            throw new ConnectException(e.getMessage(), new IOException(e.getMessage(), e));
        }
    }
}
