/* SPDX-License-Identifier: Apache-2.0 */
/* TLS contexts and their reload, reading and writing; socket thread. Connections are not known
 * here, only OpenSSL's handles. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "crypto/crypto.h"
#include "http/server/protocol.h"
#include "http/server/server.h"

/* Before the slash are hybrids with ML-KEM (FIPS 203): a client that knows one of them gets it,
 * even if it must be asked for another key share first. OpenSSL wants the text writable. */
static char groups[] = "X25519MLKEM768:SecP256r1MLKEM768:SecP384r1MLKEM1024/X25519:P-256:P-384";

/* Of a client's certificate: a larger one is none, for each request has a copy. */
enum { MOST_CLIENT = 16 * 1024 };

static hm_err fail_tls(struct hm_cx *cx, const char *what, const char *file)
{
	char text[256] = "no reason given";
	unsigned long code = ERR_peek_error();
	if (code)
		ERR_error_string_n(code, text, sizeof(text));
	ERR_clear_error();
	return hm_fail(cx, HM_INPUT, "could not use the %s \"%s\": %s", what, file, text);
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
			   const unsigned char *in, unsigned int in_n, void *arg)
{
	const struct listening *l = arg;
	unsigned char *chosen;
	(void)ssl;
	if (SSL_select_next_proto(&chosen, out_n, l->alpn, l->alpn_n, in, in_n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* Lengths and names (RFC 7301, 3.1), the preferred one first. */
static void list_protocols(struct listening *l)
{
	size_t rows = 0;
	while (l->protocols[rows])
		rows++;
	l->alpn_n = 0;
	while (rows-- > 0) {
		struct hm_str name = hm_cstr(l->protocols[rows]->alpn);
		if (sizeof(l->alpn) - l->alpn_n < name.n + 1)
			return;
		l->alpn[l->alpn_n++] = (unsigned char)name.n;
		memcpy(l->alpn + l->alpn_n, name.p, name.n);
		l->alpn_n += (unsigned)name.n;
	}
}

/* What changes when a file is replaced or written to. */
static int64_t stamp_file(const char *file)
{
	struct stat st;
	if (!file || stat(file, &st) < 0)
		return 0;
	int64_t ns = (int64_t)st.st_mtim.tv_sec * HM_SECOND + st.st_mtim.tv_nsec;
	return ns ^ (int64_t)((uint64_t)st.st_ino << 20) ^ (int64_t)st.st_size;
}

static void stamp_files(const struct http_listener *c, int64_t out[3])
{
	out[0] = stamp_file(c->cert);
	out[1] = stamp_file(c->key);
	out[2] = stamp_file(c->client_ca);
}

static hm_err load_key(struct hm_cx *cx, SSL_CTX *ctx, const char *file)
{
	HM_AUTO_SECRET pem = { 0 };
	unsigned mode;
	EVP_PKEY *pkey;
	HM_TRY(hm_secret_read_file(cx, file, HM_MAX_CERTIFICATE_FILE, &pem, &mode));
	HM_TRY_IN(cx, crypto_private_key_parse(cx, hm_secret_str(&pem), &pkey),
		  "could not use the key \"%s\"", file);
	hm_secret_warn(cx, file, mode);
	int good = SSL_CTX_use_PrivateKey(ctx, pkey);
	EVP_PKEY_free(pkey);
	return good == 1 ? NULL : fail_tls(cx, "key", file);
}

static hm_err load_files(struct hm_cx *cx, SSL_CTX *ctx, const struct http_listener *c)
{
	const char *key = c->key ? c->key : c->cert;
	if (SSL_CTX_use_certificate_chain_file(ctx, c->cert) != 1)
		return fail_tls(cx, "certificate", c->cert);
	HM_TRY(load_key(cx, ctx, key));
	if (SSL_CTX_check_private_key(ctx) != 1)
		return fail_tls(cx, "key of another certificate in", key);
	if (!c->client_ca)
		return NULL;
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(c->client_ca);
	if (!names)
		return fail_tls(cx, "client CA", c->client_ca);
	SSL_CTX_set_client_CA_list(ctx, names); /* takes them over */
	if (SSL_CTX_load_verify_locations(ctx, c->client_ca, NULL) != 1)
		return fail_tls(cx, "client CA", c->client_ca);
	SSL_CTX_set_verify(ctx,
			   SSL_VERIFY_PEER |
				   (c->anonymous_too ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT),
			   NULL);
	return NULL;
}

static hm_err make_context(struct hm_cx *cx, struct listening *l, SSL_CTX **out)
{
	const struct http_listener *c = l->config;
	crypto_need_all();
	ERR_clear_error();
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	if (!ctx)
		return hm_fail(cx, HM_SYSTEM, "could not set up TLS");
	hm_err err = load_files(cx, ctx, c);
	if (!err && SSL_CTX_set1_groups_list(ctx, groups) != 1)
		err = fail_tls(cx, "key exchange groups", groups);
	if (err) {
		SSL_CTX_free(ctx);
		return err;
	}
	SSL_CTX_set_min_proto_version(ctx, c->tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"hullmark", 8);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, l);
	*out = ctx;
	return NULL;
}

hm_err http_tls_open(struct hm_cx *cx, struct listening *l)
{
	SSL_CTX *ctx;
	list_protocols(l);
	stamp_files(l->config, l->changed);
	HM_TRY(make_context(cx, l, &ctx));
	l->tls = ctx;
	return NULL;
}

void http_tls_close(struct listening *l)
{
	SSL_CTX_free(l->tls);
	l->tls = NULL;
}

/* Connections keep the context that they began with: OpenSSL counts the references. */
void http_tls_refresh(struct listening *l)
{
	int64_t seen[3];
	SSL_CTX *ctx;
	if (!l->tls)
		return;
	stamp_files(l->config, seen);
	if (memcmp(seen, l->changed, sizeof(seen)) == 0)
		return;
	HM_AUTO_CX cx = HM_CX(HM_MAX_CERTIFICATE_FILE + HM_MIB);
	memcpy(l->changed, seen, sizeof(seen));
	hm_err err = make_context(&cx, l, &ctx);
	if (err) {
		/* half of a pair may have been written: it is looked at again */
		l->changed[0] ^= 1;
		hm_log(&cx, HM_LOG_DEBUG, "certificate not reloaded", "why", err->why, NULL);
		return;
	}
	SSL_CTX_free(l->tls);
	l->tls = ctx;
	hm_log(&cx, HM_LOG_DEBUG, "certificate reloaded", "file", l->config->cert, NULL);
}

struct ssl_st *http_tls_new(struct listening *l, int fd)
{
	SSL *ssl = SSL_new(l->tls);
	if (!ssl)
		return NULL;
	SSL_set_accept_state(ssl);
	if (SSL_set_fd(ssl, fd) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

void http_tls_end(struct ssl_st *ssl)
{
	ERR_clear_error();
	if (SSL_is_init_finished(ssl))
		SSL_shutdown(ssl);
	ERR_clear_error();
}

static enum io translate_result(SSL *ssl, int ret)
{
	int why = SSL_get_error(ssl, ret);
	if (why == SSL_ERROR_WANT_READ)
		return IO_AGAIN;
	if (why == SSL_ERROR_WANT_WRITE)
		return IO_WRITE;
	ERR_clear_error();
	return why == SSL_ERROR_ZERO_RETURN ? IO_END : IO_FAILED;
}

static void log_negotiated(SSL *ssl)
{
	const char *group = SSL_get0_group_name(ssl), *signature = NULL;
	if (!hm_log_on(HM_LOG_DEBUG))
		return;
	HM_AUTO_CX cx = HM_CX(64 * HM_KIB);
	SSL_get0_signature_name(ssl, &signature);
	hm_log(&cx, HM_LOG_DEBUG, "TLS", "version", SSL_get_version(ssl), "group",
	       group ? group : "none", "signature", signature ? signature : "none", "cipher",
	       SSL_get_cipher_name(ssl), NULL);
}

enum io http_tls_handshake(struct ssl_st *ssl)
{
	ERR_clear_error();
	int ret = SSL_do_handshake(ssl);
	if (ret != 1)
		return translate_result(ssl, ret);
	log_negotiated(ssl);
	return IO_OK;
}

const struct http_protocol *http_tls_protocol(struct ssl_st *ssl,
					      const struct http_protocol *const *protocols)
{
	const unsigned char *p;
	unsigned int n;
	SSL_get0_alpn_selected(ssl, &p, &n);
	for (size_t i = 0; n && protocols[i]; i++)
		if (hm_eqz(hm_bytes(p, n), protocols[i]->alpn))
			return protocols[i];
	return protocols[0];
}

struct hm_str http_tls_client(struct hm_cx *cx, struct ssl_st *ssl)
{
	X509 *x = SSL_get0_peer_certificate(ssl);
	unsigned char *der = NULL;
	int n = x && SSL_get_verify_result(ssl) == X509_V_OK ? i2d_X509(x, &der) : 0;
	struct hm_str copy = HM_STR("");
	if (n > 0 && (size_t)n <= MOST_CLIENT)
		copy = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	ERR_clear_error();
	return copy;
}

bool http_tls_pending(struct ssl_st *ssl)
{
	return ssl && SSL_has_pending(ssl);
}

enum io http_tls_read(struct ssl_st *ssl, char *room, size_t n, size_t *out_n)
{
	size_t at = 0, got;
	enum io io = IO_OK;
	ERR_clear_error();
	while (at < n) {
		int ret = SSL_read_ex(ssl, room + at, n - at, &got);
		if (ret != 1) {
			io = translate_result(ssl, ret);
			break;
		}
		at += got;
		if (!SSL_has_pending(ssl))
			break;
	}
	*out_n = at;
	return at && (io == IO_AGAIN || io == IO_WRITE) ? IO_OK : io;
}

/* As much as the socket takes: one record a call is OpenSSL's way. */
enum io http_tls_write(struct ssl_st *ssl, const char *p, size_t n, size_t *out_n)
{
	size_t at = 0, sent;
	enum io io = IO_OK;
	ERR_clear_error();
	while (at < n && io == IO_OK) {
		int ret = SSL_write_ex(ssl, p + at, n - at, &sent);
		if (ret == 1)
			at += sent;
		else
			io = translate_result(ssl, ret);
	}
	*out_n = at;
	return at && (io == IO_AGAIN || io == IO_WRITE) ? IO_OK : io;
}

void http_tls_free(struct ssl_st *ssl)
{
	SSL_free(ssl);
}
