# shellcheck shell=bash
# Test certificates under LAB_DIR/tls: ca.crt, broker.p12 and trust.p12 for the broker, client.{crt,key,p12} for mutual
# TLS. Stores have the password "changeit".

tls_certificate() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 \
        -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') -out "$1.crt"
    openssl pkcs12 -export -in "$1.crt" -inkey "$1.key" -certfile ca.crt -name "$1" -passout pass:changeit -out "$1.p12"
    rm "$1.csr"
}

tls_make() (
    [ ! -f "$LAB_DIR/tls/trust.p12" ] || return 0
    mkdir -p "$LAB_DIR/tls"
    cd "$LAB_DIR/tls" || exit
    {
        openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=cdctop test CA' -keyout ca.key -out ca.crt
        tls_certificate broker localhost
        tls_certificate client client
        keytool -importcert -noprompt -alias ca -file ca.crt -keystore trust.p12 -storetype PKCS12 -storepass changeit
    } >"$LAB_DIR/logs/tls.out" 2>&1
)
