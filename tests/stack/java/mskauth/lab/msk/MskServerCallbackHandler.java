package lab.msk;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Broker side of the IAM look-alike: accepts a token only if its SigV4 signature is right. The client is told why it
 * was refused, where the real one says "Access denied".
 */
public class MskServerCallbackHandler implements AuthenticateCallbackHandler {
    private static final MskKeys KEYS = MskKeys.ofTheLab();

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {
    }

    @Override
    public void close() {
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (callback instanceof OAuthBearerValidatorCallback token) {
                validate(token);
            } else if (callback instanceof OAuthBearerExtensionsValidatorCallback extensions) {
                extensions.inputExtensions().map().keySet().forEach(extensions::valid);
            } else {
                throw new UnsupportedCallbackException(callback);
            }
        }
    }

    private static void validate(OAuthBearerValidatorCallback callback) {
        try {
            callback.token(MskToken.verify(callback.tokenValue(), KEYS, Instant.now()));
        } catch (RuntimeException e) { // whatever a client can get wrong: base64, URL, missing field, signature
            System.err.println("[MskServerCallbackHandler] refused: " + e);
            callback.error(e instanceof SecurityException ? "Access denied: " + e.getMessage() : "invalid_token", null, null);
        }
    }
}
