/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server/server.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "crypto/crypto.h"

/* The first is the hybrid of ML-KEM-768 (FIPS 203) and X25519. */
static char groups[] = "X25519MLKEM768:X25519:P-256:P-384"; /* OpenSSL wants it writable */

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
	static const unsigned char ours[] = "\x02h2\x08http/1.1";
	unsigned char *chosen;
	(void)ssl, (void)arg;
	if (SSL_select_next_proto(&chosen, out_n, ours, sizeof(ours) - 1, in, in_n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* What changes when a file is replaced or written to. */
static int64_t look(const char *file)
{
	struct stat st;
	if (!file || stat(file, &st) < 0)
		return 0;
	int64_t ns = (int64_t)st.st_mtim.tv_sec * HM_SECOND + st.st_mtim.tv_nsec;
	return ns ^ (int64_t)((uint64_t)st.st_ino << 20) ^ (int64_t)st.st_size;
}

static void look_all(const struct http_listener *c, int64_t out[3])
{
	out[0] = look(c->cert);
	out[1] = look(c->key);
	out[2] = look(c->client_ca);
}

static hm_err load_key(struct hm_cx *cx, SSL_CTX *ctx, const char *file)
{
	HM_AUTO_SECRET pem = { 0 };
	unsigned mode;
	void *pkey;
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
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return NULL;
}

static hm_err make(struct hm_cx *cx, const struct http_listener *c, SSL_CTX **out)
{
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
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	*out = ctx;
	return NULL;
}

hm_err http_tls_open(struct hm_cx *cx, struct listening *l)
{
	SSL_CTX *ctx;
	look_all(l->config, l->changed);
	HM_TRY(make(cx, l->config, &ctx));
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
	look_all(l->config, seen);
	if (memcmp(seen, l->changed, sizeof(seen)) == 0)
		return;
	HM_AUTO_CX cx = HM_CX(HM_MAX_CERTIFICATE_FILE + HM_MIB);
	memcpy(l->changed, seen, sizeof(seen));
	hm_err err = make(&cx, l->config, &ctx);
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

bool http_tls_conn_start(struct http_conn *c)
{
	SSL *ssl = SSL_new(c->on->tls);
	if (!ssl)
		return false;
	SSL_set_accept_state(ssl);
	c->ssl = ssl;
	return SSL_set_fd(ssl, c->fd) == 1;
}

void http_tls_conn_end(struct http_conn *c, bool polite)
{
	if (!c->ssl)
		return;
	ERR_clear_error();
	if (polite)
		SSL_shutdown(c->ssl);
	ERR_clear_error();
}

static enum io verdict(struct http_conn *c, int ret)
{
	int why = SSL_get_error(c->ssl, ret);
	if (why == SSL_ERROR_WANT_READ)
		return IO_AGAIN;
	if (why == SSL_ERROR_WANT_WRITE)
		return IO_WRITE;
	ERR_clear_error();
	return why == SSL_ERROR_ZERO_RETURN ? IO_END : IO_FAILED;
}

enum io http_tls_handshake(struct http_conn *c)
{
	ERR_clear_error();
	int ret = SSL_do_handshake(c->ssl);
	return ret == 1 ? IO_OK : verdict(c, ret);
}

bool http_tls_is_h2(const struct http_conn *c)
{
	const unsigned char *p;
	unsigned int n;
	SSL_get0_alpn_selected(c->ssl, &p, &n);
	return n == 2 && memcmp(p, "h2", 2) == 0;
}

bool http_tls_pending(const struct http_conn *c)
{
	return c->ssl && SSL_has_pending(c->ssl);
}

enum io http_tls_read(struct http_conn *c, char *room, size_t n, size_t *out_n)
{
	size_t at = 0, got;
	enum io io = IO_OK;
	ERR_clear_error();
	while (at < n) {
		int ret = SSL_read_ex(c->ssl, room + at, n - at, &got);
		if (ret != 1) {
			io = verdict(c, ret);
			break;
		}
		at += got;
		if (!SSL_has_pending(c->ssl))
			break;
	}
	*out_n = at;
	return at && (io == IO_AGAIN || io == IO_WRITE) ? IO_OK : io;
}

/* As much as the socket takes: one record a call is OpenSSL's way. */
enum io http_tls_write(struct http_conn *c, const char *p, size_t n, size_t *out_n)
{
	size_t at = 0, sent;
	enum io io = IO_OK;
	ERR_clear_error();
	while (at < n && io == IO_OK) {
		int ret = SSL_write_ex(c->ssl, p + at, n - at, &sent);
		if (ret == 1)
			at += sent;
		else
			io = verdict(c, ret);
	}
	*out_n = at;
	return at && (io == IO_AGAIN || io == IO_WRITE) ? IO_OK : io;
}

void http_tls_conn_free(struct http_conn *c)
{
	SSL_free(c->ssl);
	c->ssl = NULL;
}
