package io.confluent.connect.s3;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;

/** One record, one line: what JsonFormat writes. A schemaless value comes out in the hash order of its map. */
final class JsonLines {
    private final ObjectMapper mapper = new ObjectMapper();
    private final JsonConverter converter = new JsonConverter();

    JsonLines() {
        converter.configure(Map.of("schemas.enable", "false"), false);
    }

    byte[] line(SinkRecord record) {
        String text;
        try {
            text = record.value() instanceof Struct
                    ? new String(converter.fromConnectData(record.topic(), record.valueSchema(), record.value()),
                            StandardCharsets.UTF_8)
                    : mapper.writeValueAsString(record.value());
        } catch (JsonProcessingException e) {
            throw new ConnectException(e);
        }
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
