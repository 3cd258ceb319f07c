package io.confluent.connect.s3;

import io.confluent.connect.s3.model.AmazonS3Exception;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Spreads records over one writer per partition, and rewinds a partition whose upload failed. */
public class S3SinkTask extends SinkTask {
    private static final Logger LOG = LoggerFactory.getLogger(S3SinkTask.class);

    private final Map<TopicPartition, TopicPartitionWriter> writers = new HashMap<>();
    private S3SinkConfig config;
    private S3Client s3;

    @Override
    public String version() {
        return new S3SinkConnector().version();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new S3SinkConfig(props);
        s3 = new S3Client(config);
        try {
            if (!s3.bucketExists()) {
                throw new ConnectException("Non-existent S3 bucket: " + config.getString("s3.bucket.name"));
            }
        } catch (AmazonS3Exception | IOException e) {
            throw new ConnectException(e); // whatever it is: at start the real one does not retry
        }
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        for (TopicPartition tp : partitions) {
            writers.put(tp, new TopicPartitionWriter(tp, config, s3, context, 0));
        }
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        writers.keySet().removeAll(partitions); // open files are dropped and read again by the next owner
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        for (SinkRecord record : records) {
            if (record.value() == null && config.ignoresTombstones()) {
                continue;
            }
            if (record.value() == null) {
                throw new ConnectException(
                        "Null valued records are not writeable with current behavior.on.null.values 'settings.");
            }
            writers.get(new TopicPartition(record.topic(), record.kafkaPartition())).buffer(record);
        }
        writers.replaceAll((tp, writer) -> write(tp, writer));
    }

    /** Returns the writer to go on with: a new one, set back, when S3 could not be reached or had the file already. */
    private TopicPartitionWriter write(TopicPartition tp, TopicPartitionWriter writer) {
        try {
            writer.write(System.currentTimeMillis());
            return writer;
        } catch (RetriableException e) {
            LOG.error("Exception on topic partition {}: ", tp, e);
            context.offset(tp, writer.currentStartOffset());
            context.timeout(config.getLong("retry.backoff.ms"));
            return new TopicPartitionWriter(tp, config, s3, context, System.currentTimeMillis());
        } catch (FileExistsException e) { // the real one too leaves the file and tries the key one further
            long next = writer.currentStartOffset() + 1;
            LOG.warn("{}. Next available offset: {}", e.getMessage(), next);
            context.offset(tp, next);
            return new TopicPartitionWriter(tp, config, s3, context, 0);
        }
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> current) {
        Map<TopicPartition, OffsetAndMetadata> closed = new HashMap<>();
        writers.forEach((tp, writer) -> writer.takeOffsetToCommit()
                .ifPresent(offset -> closed.put(tp, new OffsetAndMetadata(offset))));
        return closed;
    }

    @Override
    public void stop() {
    }
}
