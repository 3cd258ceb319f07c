package io.confluent.connect.s3;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/**
 * A stand-in for Confluent's S3 sink, which no public repository carries. Written from its observed behaviour, under
 * the same class name, so that a configuration written for the real one works here and whatever recognises the real
 * one by its class recognises this one.
 */
public class S3SinkConnector extends SinkConnector {
    private Map<String, String> props;

    @Override
    public String version() {
        return "10.6.18-lab";
    }

    @Override
    public void start(Map<String, String> props) {
        this.props = props;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return S3SinkTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Collections.nCopies(maxTasks, props);
    }

    @Override
    public void stop() {
    }

    @Override
    public ConfigDef config() {
        return S3SinkConfig.DEF;
    }
}
