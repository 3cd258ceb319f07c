package lab.msk;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.SaslExtensions;
import org.apache.kafka.common.security.auth.SaslExtensionsCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;

/** Client side of the IAM look-alike, for Kafka's own tools: signs with AWS_MSK_KEY and AWS_MSK_SECRET, or sends MSK_TOKEN as it is. */
public class MskLoginCallbackHandler implements AuthenticateCallbackHandler {
    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {
    }

    @Override
    public void close() {
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (callback instanceof OAuthBearerTokenCallback wanted) {
                wanted.token(token());
            } else if (callback instanceof SaslExtensionsCallback extensions) {
                extensions.extensions(SaslExtensions.empty());
            } else {
                throw new UnsupportedCallbackException(callback);
            }
        }
    }

    private static MskToken token() {
        Instant now = Instant.now();
        String key = System.getenv("AWS_MSK_KEY");
        String given = System.getenv("MSK_TOKEN");
        if (given != null) {
            return new MskToken(given, key, now.toEpochMilli(), now.plusSeconds(900).toEpochMilli());
        }
        return MskToken.create(key, System.getenv("AWS_MSK_SECRET"), "us-east-1", now);
    }
}
