package lab.msk;

import java.util.List;

/** Who may log in to the lab's IAM listener. */
record MskKeys(List<Key> keys) {
    /**
     * @param sessionToken null for long-lived keys
     * @param sessionSeconds how long a login holds at most; 0 as long as its token
     */
    record Key(String id, String secret, String sessionToken, int sessionSeconds) {
    }

    static MskKeys ofTheLab() {
        String id = System.getenv().getOrDefault("AWS_MSK_KEY", "AKIALABMSK0000000001");
        String secret = System.getenv().getOrDefault("AWS_MSK_SECRET", "labmsksecret0000000000000000000000000001");
        return new MskKeys(List.of(
                new Key(id, secret, null, 0),
                new Key("ASIALABMSK0000000002", "labmsksecret0000000000000000000000000002", "lab/session+token==", 0),
                new Key("AKIALABMSK0000000003", "labmsksecret0000000000000000000000000003", null, 4)));
    }

    Key find(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst().orElse(null);
    }
}
