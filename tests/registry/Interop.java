import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.io.JsonEncoder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * An upstream or downstream system in Java, with the registry's own serializer and deserializer.
 *
 * <p>{@code write BOOTSTRAP REGISTRY TOPIC KEY TYPE ID TIME}: standard input holds a schema and the
 * record in Avro's JSON, a line each; prints partition and offset. {@code read BOOTSTRAP REGISTRY
 * TOPIC KEY COUNT}: prints that many records of a key as they come, type and Avro's JSON on a line.
 */
public final class Interop {
  private static final long WITHIN_MS = 60_000;

  public static void main(String[] args) throws Exception {
    if (args[0].equals("write")) {
      write(args[1], args[2], args[3], args[4], args[5], args[6], args[7]);
    } else {
      read(args[1], args[2], args[3], args[4], Integer.parseInt(args[5]));
    }
  }

  private static Map<String, Object> common(String bootstrap, String registry) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("apicurio.registry.url", registry);
    // Confluent's wire format: the id in the value, 4 bytes, that of the content.
    settings.put("apicurio.registry.headers.enabled", false);
    settings.put("apicurio.registry.use-id", "contentId");
    settings.put(
        "apicurio.registry.id-handler", "io.apicurio.registry.serde.Default4ByteIdHandler");
    return settings;
  }

  private static void write(
      String bootstrap, String registry, String topic, String key, String type, String id, String at)
      throws Exception {
    BufferedReader given =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Schema schema = new Schema.Parser().parse(given.readLine());
    GenericRecord record =
        new GenericDatumReader<GenericRecord>(schema)
            .read(null, DecoderFactory.get().jsonDecoder(schema, given.readLine()));
    Map<String, Object> settings = common(bootstrap, registry);
    settings.put("acks", "all");
    settings.put(
        "apicurio.registry.artifact-resolver-strategy",
        "io.apicurio.registry.serde.avro.strategy.TopicRecordIdStrategy");
    // One subject as Confluent's own serializer names it, the schema whole in it.
    settings.put("apicurio.registry.artifact.group-id", "default");
    settings.put("apicurio.registry.dereference-schema", true);
    settings.put("apicurio.registry.auto-register", true);
    settings.put("apicurio.registry.auto-register.if-exists", "FIND_OR_CREATE_VERSION");
    AvroKafkaSerializer<GenericRecord> serializer = new AvroKafkaSerializer<>();
    serializer.configure(settings, false);
    try (KafkaProducer<String, GenericRecord> producer =
        new KafkaProducer<>(settings, new StringSerializer(), serializer)) {
      ProducerRecord<String, GenericRecord> sent = new ProducerRecord<>(topic, key, record);
      Map<String, String> headers =
          Map.of(
              "ce_specversion", "1.0", "ce_id", id, "ce_type", type, "ce_source", "/java",
              "ce_time", at, "ce_subject", key);
      headers.forEach(
          (name, value) -> sent.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
      RecordMetadata place = producer.send(sent).get();
      System.out.println(place.partition() + " " + place.offset());
    }
  }

  private static void read(String bootstrap, String registry, String topic, String key, int count)
      throws Exception {
    Map<String, Object> settings = common(bootstrap, registry);
    settings.put("group.id", "java-" + System.nanoTime());
    settings.put("auto.offset.reset", "earliest");
    settings.put("isolation.level", "read_committed");
    AvroKafkaDeserializer<GenericRecord> deserializer = new AvroKafkaDeserializer<>();
    deserializer.configure(settings, false);
    long until = System.currentTimeMillis() + WITHIN_MS;
    int found = 0;
    try (KafkaConsumer<String, GenericRecord> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), deserializer)) {
      consumer.subscribe(List.of(topic));
      while (found < count && System.currentTimeMillis() < until) {
        for (ConsumerRecord<String, GenericRecord> each : consumer.poll(Duration.ofMillis(200))) {
          if (each.key().equals(key) && found < count) {
            System.out.println(each.value().getSchema().getFullName() + " " + json(each.value()));
            found++;
          }
        }
      }
    }
    System.exit(found == count ? 0 : 1);
  }

  private static String json(GenericRecord record) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonEncoder encoder = EncoderFactory.get().jsonEncoder(record.getSchema(), out);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return out.toString(StandardCharsets.UTF_8);
  }
}
