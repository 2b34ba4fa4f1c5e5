#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# Fills in nginx.conf.template and becomes nginx. 'entrypoint.sh test' only checks the result.
# Every setting may come from the environment; here are the defaults of the container.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
NGINX_PROGRAM=${NGINX_PROGRAM:-nginx}                # NGINX alone means something to nginx itself
NGINX_STATE=${NGINX_STATE:-/var/cache/nginx}         # writable folder: cache, temporary files, process id
NGINX_PAGES=${NGINX_PAGES:-$here}                    # folder of unavailable.html
NGINX_ACCESS_LOG=${NGINX_ACCESS_LOG:-/dev/stdout}
NGINX_ERROR_LOG=${NGINX_ERROR_LOG:-stderr}
NGINX_ADDRESS=${NGINX_ADDRESS:-*}                    # where to listen: any address of the container
NGINX_HTTP_PORT=${NGINX_HTTP_PORT:-8080}
NGINX_HTTPS_PORT=${NGINX_HTTPS_PORT:-8443}
NGINX_STATUS_PORT=${NGINX_STATUS_PORT:-8081}
NGINX_TLS=${NGINX_TLS:-on}                           # on: TLS ends here; off: at the city's own proxy before us
NGINX_CERTIFICATE=${NGINX_CERTIFICATE:-/etc/nginx/tls/fullchain.pem}
NGINX_KEY=${NGINX_KEY:-/etc/nginx/tls/privkey.pem}
NGINX_ACME_ROOT=${NGINX_ACME_ROOT:-/srv/acme}        # what certbot --webroot writes
NGINX_SERVER_NAME=${NGINX_SERVER_NAME:-_}            # the city's host name; others are then not answered
NGINX_ODOO=${NGINX_ODOO:-odoo:8069}                  # nodes, separated by blanks
NGINX_EVENTED=${NGINX_EVENTED:-odoo:8072}
NGINX_DNS=${NGINX_DNS-127.0.0.11}                    # name server that knows the nodes (Docker's own); '' for none
NGINX_TRUSTED_PROXIES=${NGINX_TRUSTED_PROXIES:-}     # networks of the city's proxies, separated by blanks
NGINX_API_CLIENTS=${NGINX_API_CLIENTS:-}             # networks that may use XML-RPC and JSON-RPC
NGINX_MAX_BODY=${NGINX_MAX_BODY:-32m}
NGINX_FORM_RATE=${NGINX_FORM_RATE:-60r/m}            # forms sent from one address
NGINX_FORM_BURST=${NGINX_FORM_BURST:-30}
NGINX_LOOKUP_RATE=${NGINX_LOOKUP_RATE:-60r/m}        # looking up cases by code from one address
NGINX_PAGE_RATE=${NGINX_PAGE_RATE:-50r/s}
NGINX_CACHE_SIZE=${NGINX_CACHE_SIZE:-200m}
# Odoo's pages carry inline scripts and compile their templates in the browser, hence the two 'unsafe'. Pictures
# come from anywhere over TLS (map tiles), frames too (videos in pages); no other site may frame the city's pages
# but the form that is made for it ('Forms on other sites' in the interface).
NGINX_CSP=${NGINX_CSP:-"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; font-src 'self' data:; media-src 'self' data: blob: https:; connect-src 'self' blob: data:; worker-src 'self' blob:; frame-src 'self' blob: https:; frame-ancestors 'self'; form-action 'self'; base-uri 'self'; object-src 'none'"}

fail() { echo "nginx: $*" >&2; exit 1; }

# Settings stand in nginx.conf, where ; and { mean something.
for name in NGINX_STATE NGINX_PAGES NGINX_SERVER_NAME NGINX_ODOO NGINX_EVENTED NGINX_DNS NGINX_TRUSTED_PROXIES \
    NGINX_API_CLIENTS NGINX_MAX_BODY NGINX_FORM_RATE NGINX_FORM_BURST NGINX_LOOKUP_RATE NGINX_PAGE_RATE; do
    value=''
    eval "value=\$$name"
    case $value in *[\;{}\"\']*) fail "$name contains a character that has a meaning to nginx: $value" ;; esac
done

# ------------------------------------------------------------------------------------------ blocks of nginx.conf

NGINX_REAL_IP='' NGINX_TRUSTED_GEO='' NGINX_API_GEO=''
for network in $NGINX_TRUSTED_PROXIES; do
    NGINX_REAL_IP="$NGINX_REAL_IP set_real_ip_from $network;"
    NGINX_TRUSTED_GEO="$NGINX_TRUSTED_GEO $network 1;"
done
for network in $NGINX_API_CLIENTS; do NGINX_API_GEO="$NGINX_API_GEO $network 1;"; done

# With a name server, nodes are looked up again while running: 'docker compose up --scale odoo=3' needs no restart.
NGINX_RESOLVER='' resolve=''
if [ -n "$NGINX_DNS" ]; then
    NGINX_RESOLVER="resolver $NGINX_DNS valid=5s ipv6=off;"
    resolve=' resolve'
fi
NGINX_ODOO_SERVERS='' NGINX_EVENTED_SERVERS=''
for node in $NGINX_ODOO; do NGINX_ODOO_SERVERS="$NGINX_ODOO_SERVERS server $node$resolve max_fails=1 fail_timeout=5s;"; done
for node in $NGINX_EVENTED; do NGINX_EVENTED_SERVERS="$NGINX_EVENTED_SERVERS server $node$resolve max_fails=1 fail_timeout=5s;"; done

NGINX_REDIRECT_SERVER='' NGINX_UNKNOWN_HOST_SERVER=''
if [ "$NGINX_TLS" = on ]; then
    for file in "$NGINX_CERTIFICATE" "$NGINX_KEY"; do
        [ -r "$file" ] || fail "$file cannot be read: put the city's certificate there (docs/production.md, 'TLS'), or set NGINX_TLS=off behind a proxy that has it"
    done
    tls="ssl_certificate \"$NGINX_CERTIFICATE\"; ssl_certificate_key \"$NGINX_KEY\"; ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:tls:10m; ssl_session_timeout 1d; ssl_session_tickets off;"
    # Since nginx 1.25.1 HTTP/2 is a directive, before it was a word after 'listen'.
    version=$("$NGINX_PROGRAM" -v 2>&1 | sed 's|.*/\([0-9]*\)\.\([0-9]*\)\..*|\1 \2|')
    # shellcheck disable=SC2086
    set -- "${1:-}" $version
    http2_word='' http2=''
    if [ "$2" -gt 1 ] || [ "$3" -gt 25 ]; then http2=' http2 on;'; else http2_word=' http2'; fi
    NGINX_LISTEN="listen $NGINX_ADDRESS:$NGINX_HTTPS_PORT ssl$http2_word;$http2 $tls"
    NGINX_REDIRECT_SERVER="server { listen $NGINX_ADDRESS:$NGINX_HTTP_PORT; server_name $NGINX_SERVER_NAME;
        location /.well-known/acme-challenge/ { root \"$NGINX_ACME_ROOT\"; default_type text/plain; }
        location / { return 308 https://\$host\$request_uri; } }"
    unknown="listen $NGINX_ADDRESS:$NGINX_HTTPS_PORT ssl$http2_word default_server; $tls listen $NGINX_ADDRESS:$NGINX_HTTP_PORT default_server;"
elif [ "$NGINX_TLS" = off ]; then
    NGINX_LISTEN="listen $NGINX_ADDRESS:$NGINX_HTTP_PORT;"
    unknown="listen $NGINX_ADDRESS:$NGINX_HTTP_PORT default_server;"
else
    fail "NGINX_TLS is '$NGINX_TLS', neither 'on' nor 'off'"
fi
# Odoo puts the host that was asked for into the links it makes. So another name than the city's, or a bare
# address, gets no answer at all.
if [ "$NGINX_SERVER_NAME" != _ ]; then
    NGINX_UNKNOWN_HOST_SERVER="server { $unknown server_name _; return 444; }"
fi

# ------------------------------------------------------------------------------------------------------- filling

# Of two policies browsers obey both: where Odoo says who may frame, ours leaves it out.
NGINX_CSP_UNFRAMED=$(printf %s "$NGINX_CSP" | sed 's/ *frame-ancestors[^;]*;\{0,1\}//')

mkdir -p "$NGINX_STATE"
export NGINX_STATE NGINX_PAGES NGINX_ACCESS_LOG NGINX_ERROR_LOG NGINX_STATUS_PORT NGINX_SERVER_NAME NGINX_MAX_BODY \
    NGINX_FORM_RATE NGINX_FORM_BURST NGINX_LOOKUP_RATE NGINX_PAGE_RATE NGINX_CACHE_SIZE NGINX_CSP NGINX_CSP_UNFRAMED \
    NGINX_REAL_IP NGINX_TRUSTED_GEO NGINX_API_GEO NGINX_RESOLVER NGINX_ODOO_SERVERS NGINX_EVENTED_SERVERS NGINX_LISTEN \
    NGINX_REDIRECT_SERVER NGINX_UNKNOWN_HOST_SERVER
# Not envsubst, which not every system has. Text is put in as it is; a name that nobody set is an error.
awk '{
    line = $0; out = ""
    if (line !~ /^[ \t]*#/) while (match(line, /\$\{NGINX_[A-Z_]+\}/)) {
        name = substr(line, RSTART + 2, RLENGTH - 3)
        if (!(name in ENVIRON)) { print "nginx: " name " is not set" > "/dev/stderr"; exit 1 }
        out = out substr(line, 1, RSTART - 1) ENVIRON[name]; line = substr(line, RSTART + RLENGTH)
    }
    print out line
}' "$here/nginx.conf.template" >"$NGINX_STATE/nginx.conf"

# -e: what goes wrong before the settings are read belongs in the log too.
"$NGINX_PROGRAM" -e stderr -t -q -c "$NGINX_STATE/nginx.conf" || fail "the settings do not make a valid nginx.conf"
if [ "${1:-}" = test ]; then exit 0; fi
exec "$NGINX_PROGRAM" -e stderr -c "$NGINX_STATE/nginx.conf"
