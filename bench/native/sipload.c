// sipload: bounded SIP-over-TLS load generator for loopback benchmarks.
//   sipload msg  -a IP:PORT -A ca -c crt -k key -n CONNS -w WINDOW -t SECS [-u WARMUP] [-r RATE] [-b]
//   sipload hs   -a IP:PORT ... -n CONCURRENCY -m TOTAL [-R] [-V 1.2] [-G groups]
//   sipload idle -a IP:PORT ... -n CONNS -t HOLD_SECS [-1]
//   sipload ping -a IP:PORT ... -t SECS       (until one mutual-TLS handshake + OPTIONS-free close works)
// -C N: at most N handshakes at a time while connecting (msg, idle). -s N: body bytes. -b: one
// TLS record for several requests. -1: one request per connection before idling.
// -S IP: the first of 250 addresses that connections come from, instead of 127.1.0.1 and the following.
// -i SECS: a line of sums so often (msg). SIGTERM then makes it send no more, its connections stay until the
// peer ends them or SIGTERM comes again. lost: unanswered on connections that are gone; stuck: for a second.
// -p PID[,PID...]: the CPU time of these processes and all below them over the measured part is
// divided by the work done. -g DIR: that of a cgroup instead. Output: one line of key=value pairs on stdout.
#include "tlsutil.h"
#include <dirent.h>
#include <math.h>

enum { CONNECTING, HANDSHAKE, UP, DRAIN, DEAD };
enum { M_MSG, M_HS, M_IDLE, M_PING };

struct conn {
  int fd, state, idx, got_ticket, resumed, want_out;
  SSL *ssl;
  SSL_SESSION *sess;
  char *rb;
  size_t len, cap;
  uint64_t seq, t0, last;
  uint32_t out;
  uint64_t *sent;
};

static int mode, n_conns = 10, window = 4, resume, batch, one_msg, body_len = 160, verbose, setup_conc = 50;
static uint64_t total = 0, rate = 0;
static double secs = 5, warm = 1, tell = 0;
static const char *cgdir, *roots, *groups, *tlsver;
static struct sockaddr_in dst;
static uint32_t first_source = 0x7f010001u;
static SSL_CTX *ctx;
static int ep;
static struct conn *conns;
#define RING 1024u
#define HIST 4000000u
static uint32_t *hist;
static uint64_t hcount, hmax, slowest, n_ok, n_err, n_sent, n_hs, n_hs_err, n_resumed;
static int measuring;
static volatile sig_atomic_t terms;
static void on_term(int s) { (void)s; terms++; }
static char tmpl[4096];
static size_t tmpl_len, off_branch, off_callid, off_tag;
static const char HEX[] = "0123456789abcdef";

static void build_template(void) {
  char body[2048];
  if (body_len > 2000) body_len = 2000;
  static const char words[] = "Meeting moved to 14:30 in room 4.12, please bring the quarterly figures. ";
  for (int i = 0; i < body_len; i++) body[i] = words[(size_t)i % (sizeof words - 1)];
  tmpl_len = (size_t)snprintf(
      tmpl, sizeof tmpl,
      "MESSAGE sip:bob@inner.example.com SIP/2.0\r\n"
      "Via: SIP/2.0/TLS gw.partner.test:5061;branch=z9hG4bKp0000000000000000;rport\r\n"
      "Max-Forwards: 70\r\n"
      "From: \"Alice Example\" <sip:alice@partner.test>;tag=0000000000000000\r\n"
      "To: \"Bob Example\" <sip:bob@inner.example.com>\r\n"
      "Call-ID: 0000000000000000@gw.partner.test\r\n"
      "CSeq: 1 MESSAGE\r\n"
      "Date: Thu, 20 Nov 2025 15:00:00 GMT\r\n"
      "User-Agent: PartnerGateway/3.2\r\n"
      "P-Asserted-Identity: \"Alice Example\" <sip:alice@partner.test>\r\n"
      "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, MESSAGE, NOTIFY, REFER, UPDATE\r\n"
      "Supported: replaces, timer, path\r\n"
      "Content-Type: text/plain;charset=UTF-8\r\n"
      "Content-Length: %d\r\n\r\n%.*s",
      body_len, body_len, body);
  off_branch = (size_t)(strstr(tmpl, "z9hG4bKp") - tmpl) + 8;
  off_tag = (size_t)(strstr(tmpl, ";tag=") - tmpl) + 5;
  off_callid = (size_t)(strstr(tmpl, "Call-ID: ") - tmpl) + 9;
}

static void put_hex(char *p, uint64_t v) {
  for (int i = 15; i >= 0; i--, v >>= 4) p[i] = HEX[v & 15];
}

static uint64_t get_hex(const char *p, int n) {
  uint64_t v = 0;
  for (int i = 0; i < n; i++) {
    char ch = p[i];
    v = v << 4 | (uint64_t)(ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10);
  }
  return v;
}

static int read_cg(const char *name, char *buf, size_t cap) {
  char path[512];
  if (!cgdir) return 0;
  snprintf(path, sizeof path, "%s/%s", cgdir, name);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return 0;
  ssize_t n = read(fd, buf, cap - 1);
  close(fd);
  buf[n > 0 ? n : 0] = 0;
  return n > 0;
}
struct cpu { double all; };  // microseconds

// Nanoseconds that all threads of a process have run; falls back to the coarser clock ticks.
static double process_ns(int pid) {
  char path[64], line[512];
  double ns = 0;
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *d = opendir(path);
  if (!d) return 0;
  for (struct dirent *e; (e = readdir(d));) {
    if (e->d_name[0] == '.') continue;
    char one[128];
    snprintf(one, sizeof one, "/proc/%d/task/%.20s/schedstat", pid, e->d_name);
    FILE *f = fopen(one, "r");
    if (!f) continue;
    if (fgets(line, sizeof line, f)) ns += strtod(line, NULL);
    fclose(f);
  }
  closedir(d);
  if (ns > 0) return ns;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *f = fopen(path, "r");
  if (!f) return 0;
  unsigned long u = 0, s = 0;
  if (fgets(line, sizeof line, f)) {
    char *after = strrchr(line, ')');
    if (after) sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &s);
  }
  fclose(f);
  return (double)(u + s) * 1e9 / (double)sysconf(_SC_CLK_TCK);
}

// The roots and everything below them, by the parent's id in /proc/PID/stat.
static double tree_ns(void) {
  enum { MAX = 8192 };
  static int pid[MAX], parent[MAX], mine[MAX];
  int n = 0;
  DIR *d = opendir("/proc");
  if (!d) return 0;
  for (struct dirent *e; (e = readdir(d)) && n < MAX;) {
    char path[64], line[512];
    int id = atoi(e->d_name);
    if (id <= 0) continue;
    snprintf(path, sizeof path, "/proc/%d/stat", id);
    FILE *f = fopen(path, "r");
    if (!f) continue;
    char *after = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    fclose(f);
    if (!after || sscanf(after + 2, "%*c %d", &parent[n]) != 1) continue;
    mine[n] = 0;
    pid[n++] = id;
  }
  closedir(d);
  for (const char *p = roots; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
    for (int i = 0; i < n; i++) mine[i] |= pid[i] == atoi(p);
  for (int changed = 1; changed;) {
    changed = 0;
    for (int i = 0; i < n; i++)
      for (int k = 0; !mine[i] && k < n; k++)
        if (mine[k] && pid[k] == parent[i]) mine[i] = changed = 1;
  }
  double ns = 0;
  for (int i = 0; i < n; i++) if (mine[i]) ns += process_ns(pid[i]);
  return ns;
}

static struct cpu cpu_now(void) {
  struct cpu c = {0};
  char b[2048];
  if (roots) c.all = tree_ns() / 1e3;
  else if (read_cg("cpuacct.usage", b, sizeof b)) c.all = strtod(b, NULL) / 1e3;  // cgroup v1, nanoseconds
  else if (read_cg("cpu.stat", b, sizeof b)) sscanf(b, "usage_usec %lf", &c.all);  // cgroup v2, microseconds
  return c;
}

static void record(uint64_t ns) {
  uint64_t us = ns / 1000;
  if (us > hmax) hmax = us;
  hist[us < HIST ? us : HIST - 1]++;
  hcount++;
}
static uint64_t pct(double q) {
  uint64_t want = (uint64_t)ceil(q * (double)hcount), c = 0;
  for (uint32_t i = 0; i < HIST; i++)
    if ((c += hist[i]) >= want && c) return i;
  return hmax;
}

static int new_session(SSL *ssl, SSL_SESSION *s) {
  struct conn *c = SSL_get_app_data(ssl);
  c->got_ticket = 1;
  if (!resume) return 0;
  if (c->sess) SSL_SESSION_free(c->sess);
  c->sess = SSL_SESSION_dup(s);
  return 0;
}

static void open_conn(struct conn *c) {
  static uint32_t src;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) die("socket");
  nonblock_nodelay(c->fd);
  int one = 1;
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET};
  a.sin_addr.s_addr = htonl(first_source + (src++ % 250u));
  if (bind(c->fd, (void *)&a, sizeof a)) die("bind");
  c->t0 = now_ns();
  if (connect(c->fd, (void *)&dst, sizeof dst) && errno != EINPROGRESS) die("connect");
  c->ssl = attach_ssl(ctx, c->fd);
  SSL_set_connect_state(c->ssl);
  SSL_set_app_data(c->ssl, c);
  if (resume && c->sess) {  // OpenSSL uses a TLS 1.3 session object up: attach a copy
    SSL_SESSION *d = SSL_SESSION_dup(c->sess);
    SSL_set_session(c->ssl, d);
    SSL_SESSION_free(d);
  }
  c->state = CONNECTING;
  c->got_ticket = c->resumed = 0;
  c->len = 0;
  struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev);
}

static void close_conn(struct conn *c) {
  if (c->state == DEAD) return;
  close(c->fd);
  SSL_free(c->ssl);
  c->ssl = NULL;
  c->state = DEAD;
}

static void arm(struct conn *c, uint32_t e) {
  struct epoll_event ev = {.events = e, .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
}

static int do_flush(struct conn *c) {
  int f = flush_ssl(c->ssl, c->fd);
  if (f == 0 && !c->want_out) { c->want_out = 1; arm(c, EPOLLIN | EPOLLOUT); }
  if (f == 1 && c->want_out) { c->want_out = 0; arm(c, EPOLLIN); }
  return f;
}

static char obuf[1 << 20];
// Queues k requests; t = intended send time.
static int send_msgs(struct conn *c, uint32_t k, uint64_t t) {
  size_t o = 0;
  for (uint32_t i = 0; i < k; i++) {
    uint64_t id = (uint64_t)c->idx << 48 | c->seq;
    c->sent[c->seq % RING] = t;
    c->seq++;
    c->out++;
    n_sent++;
    memcpy(obuf + o, tmpl, tmpl_len);
    put_hex(obuf + o + off_branch, id);
    put_hex(obuf + o + off_tag, id * 0x9E3779B97F4A7C15ull);
    put_hex(obuf + o + off_callid, id);
    o += tmpl_len;
    if (!batch || o > 12000) {
      if (SSL_write(c->ssl, obuf, (int)o) <= 0) return -1;
      o = 0;
    }
  }
  return o && SSL_write(c->ssl, obuf, (int)o) <= 0 ? -1 : 0;
}

// Reads and matches responses. Returns how many final answers, or -1 on close.
static int read_answers(struct conn *c) {
  int closed = 0, done = 0;
  for (;;) {
    if (c->cap - c->len < 20000) c->rb = realloc(c->rb, c->cap = c->cap * 2 + 32768);
    int r = SSL_read(c->ssl, c->rb + c->len, (int)(c->cap - c->len));
    if (r <= 0) {
      int e = SSL_get_error(c->ssl, r);
      if (e != SSL_ERROR_WANT_READ) closed = 1;
      if (e == SSL_ERROR_SSL) {
        if (ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
          if (verbose) ERR_print_errors_fp(stderr);
          closed = 2;
        }
        ERR_clear_error();
      }
      break;
    }
    c->len += (size_t)r;
  }
  if (mode == M_HS) return closed ? -closed : 0;
  size_t pos = 0, h;
  uint64_t t = now_ns();
  while (pos < c->len) {
    const char *p = c->rb + pos;
    if (*p == '\r' || *p == '\n') { pos++; continue; }
    size_t m = sip_frame(p, c->len - pos, &h);
    if (!m) break;
    pos += m;
    if (h < 16 || memcmp(p, "SIP/2.0 ", 8)) { n_err++; continue; }
    if (p[8] == '1') continue;
    const char *b = memmem(p, h, "branch=", 7);
    if (!b || memcmp(b + 7, "z9hG4bKp", 8) || get_hex(b + 15, 4) != (uint64_t)c->idx) {
      n_err++;
      if (verbose) fprintf(stderr, "unexpected answer:\n%.*s\n", (int)h, p);
      continue;
    }
    uint64_t seq = get_hex(b + 19, 12);
    done++;
    c->out--;
    c->last = t;
    // A second answer would be counted as one to another request.
    if (tell > 0 && !c->sent[seq % RING]) n_err++;
    if (p[8] == '2') {
      n_ok++;
      if (measuring) record(t - c->sent[seq % RING]);
      if (t - c->sent[seq % RING] > slowest) slowest = t - c->sent[seq % RING];
    } else {
      n_err++;
      if (verbose) fprintf(stderr, "refused:\n%.*s\n", (int)h, p);
    }
    c->sent[seq % RING] = 0;
  }
  memmove(c->rb, c->rb + pos, c->len - pos);
  c->len -= pos;
  return closed ? -closed : done;
}

static void report_tls(SSL *ssl) {
  static int once;
  if (once++) return;
  int nid = (int)SSL_get_negotiated_group(ssl);
  fprintf(stderr, "tls: %s %s group=%s msg_bytes=%zu\n", SSL_get_version(ssl), SSL_get_cipher(ssl),
          OBJ_nid2sn(nid) ? OBJ_nid2sn(nid) : "?", tmpl_len);
}

// Advances connect + handshake. 1 = just came up, 0 = in progress, -1 = failed.
static int advance(struct conn *c, uint32_t events) {
  if (c->state == CONNECTING) {
    int err = 0;
    socklen_t l = sizeof err;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
    if (err || (events & (EPOLLERR | EPOLLHUP))) return -1;
    c->state = HANDSHAKE;
    arm(c, EPOLLIN);
  }
  int r = SSL_do_handshake(c->ssl), e = r == 1 ? 0 : SSL_get_error(c->ssl, r);
  if (e && e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE) {
    if (verbose) ERR_print_errors_fp(stderr);
    ERR_clear_error();
    return -1;
  }
  if (mode != M_HS || r != 1) {
    if (flush_ssl(c->ssl, c->fd) < 0) return -1;
  }
  if (r != 1) return 0;
  c->state = UP;
  c->resumed = SSL_session_reused(c->ssl);
  report_tls(c->ssl);
  return 1;
}

static int wait_events(struct epoll_event *evs, int max, int64_t ns) {
  struct timespec ts = {ns / 1000000000, ns % 1000000000};
  int n = epoll_pwait2(ep, evs, max, ns < 0 ? NULL : &ts, NULL);
  return n < 0 ? 0 : n;
}

static void setup_all(int conc) {
  struct epoll_event evs[256];
  int opened = 0, up = 0, failed = 0;
  uint64_t dl = now_ns() + 120000000000ull;
  while (up + failed < n_conns && now_ns() < dl) {
    while (opened < n_conns && opened - up - failed < conc) open_conn(&conns[opened++]);
    int n = wait_events(evs, 256, 100000000);
    for (int i = 0; i < n; i++) {
      struct conn *c = evs[i].data.ptr;
      if (c->state == DEAD) continue;
      if (c->state == UP) {
        if (read_answers(c) < 0) close_conn(c), failed++, up--;
        continue;
      }
      int r = advance(c, evs[i].events);
      if (r > 0) up++;
      if (r < 0) close_conn(c), failed++;
    }
  }
  if (failed || up < n_conns) fprintf(stderr, "connections: up=%d failed=%d\n", up, failed);
  if (!up) die("no connection came up");
}

static void out_cpu(const char *unit, struct cpu a, struct cpu b, uint64_t n) {
  if ((!cgdir && !roots) || !n) return;
  printf(" cpu_us_per_%s=%.2f", unit, (b.all - a.all) / (double)n);
}

// Sums so far; slowest (in microseconds) is that since the line before.
static void out_sums(uint64_t t) {
  uint64_t under = 0, lost = 0, stuck = 0;
  int up = 0;
  for (int i = 0; i < n_conns; i++) {
    struct conn *c = &conns[i];
    if (c->state != UP) { lost += c->out; continue; }
    up++;
    under += c->out;
    for (uint32_t k = 0; c->out && k < RING; k++) stuck += c->sent[k] && c->sent[k] + 1000000000ull < t;
  }
  printf("sent=%lu ok=%lu err=%lu lost=%lu up=%d under=%lu stuck=%lu slowest=%lu\n", n_sent, n_ok, n_err, lost, up,
         under, stuck, slowest / 1000);
  fflush(stdout);
  slowest = 0;
}

static int any_up(void) {
  for (int i = 0; i < n_conns; i++) if (conns[i].state == UP) return 1;
  return 0;
}

static void run_msg(void) {
  struct epoll_event evs[256];
  setup_all(setup_conc);
  uint64_t start = now_ns(), t_meas = start + (uint64_t)(warm * 1e9),
           t_end = t_meas + (uint64_t)(secs * 1e9), told = start, m_start = start, ok0 = 0, next = start, rng = 88172645463325252ull;
  struct cpu c0 = {0}, c1;
  uint32_t rr = 0;
  if (!rate)
    for (int i = 0; i < n_conns; i++)
      if (conns[i].state == UP) { send_msgs(&conns[i], (uint32_t)window, now_ns()); do_flush(&conns[i]); }
  for (;;) {
    uint64_t t = now_ns();
    if (!measuring && t >= t_meas) { measuring = 1; ok0 = n_ok; c0 = cpu_now(); m_start = now_ns(); }
    if (t >= t_end || (total && n_ok - ok0 >= total && measuring)) break;
    if (tell > 0 && t - told >= (uint64_t)(tell * 1e9)) { told = t; out_sums(t); }
    if (terms > 1 || (terms && !any_up())) break;
    int64_t wait = 20000000;
    if (rate && !terms) {
      while (next <= t) {
        struct conn *c = &conns[rr++ % (uint32_t)n_conns];
        if (c->state == UP && c->out < RING - 1) { send_msgs(c, 1, next); do_flush(c); }
        rng ^= rng << 13; rng ^= rng >> 7; rng ^= rng << 17;
        double u = ((double)(rng >> 11) + 1) / 9007199254740993.0;
        next += (uint64_t)(-log(u) * 1e9 / (double)rate);
      }
      if ((int64_t)(next - t) < wait) wait = (int64_t)(next - t);
    }
    int n = wait_events(evs, 256, wait);
    for (int i = 0; i < n; i++) {
      struct conn *c = evs[i].data.ptr;
      if (c->state != UP) continue;
      int d = (evs[i].events & (EPOLLIN | EPOLLHUP)) ? read_answers(c) : 0;
      if (d < 0) { fprintf(stderr, "connection %d closed by peer\n", c->idx); close_conn(c); continue; }
      if (d > 0 && !rate && !terms) send_msgs(c, (uint32_t)d, now_ns());
      do_flush(c);
    }
  }
  uint64_t t1 = now_ns(), got = n_ok - ok0;
  c1 = cpu_now();
  if (tell > 0) out_sums(t1);
  double el = (double)(t1 - m_start) / 1e9;
  uint64_t stuck = 0, lost = 0, out = 0;  // windows that made no progress in the last second
  for (int i = 0; i < n_conns; i++) {
    out += conns[i].out;
    if (conns[i].out && conns[i].last + 1000000000ull < t1) stuck++, lost += conns[i].out;
  }
  if (stuck) fprintf(stderr, "stuck: %lu connections, %lu requests unanswered for 1 s\n", stuck, lost);
  printf("msgs=%lu secs=%.2f rate=%.0f err=%lu p50=%lu p90=%lu p99=%lu max=%lu", got, el, (double)got / el,
         n_err, pct(.5), pct(.9), pct(.99), hmax);
  out_cpu("msg", c0, c1, got);
  printf(" cores=%.2f inflight=%lu stuck=%lu\n", (c1.all - c0.all) / 1e6 / el, out, lost);
}

static void run_hs(void) {
  struct epoll_event evs[256];
  uint64_t started = 0, done = 0;
  if (resume) {  // one full handshake per slot to get tickets, not counted
    for (int i = 0; i < n_conns; i++) open_conn(&conns[i]);
    int left = n_conns;
    uint64_t dl = now_ns() + 5000000000ull;
    while (left && now_ns() < dl) {
      int n = wait_events(evs, 256, 100000000);
      for (int i = 0; i < n; i++) {
        struct conn *c = evs[i].data.ptr;
        if (c->state == DEAD) continue;
        int r = c->state == UP ? 1 : advance(c, evs[i].events);
        if (r == 1) { do_flush(c); r = read_answers(c) < 0 ? -1 : 0; }
        if (c->got_ticket || r < 0) { close_conn(c); left--; }
      }
    }
    for (int i = 0; i < n_conns; i++) close_conn(&conns[i]);
    fprintf(stderr, "tickets: %d of %d\n", n_conns - left, n_conns);
  }
  struct cpu c0 = cpu_now(), c1;
  uint64_t t0 = now_ns(), dl = t0 + (uint64_t)(secs * 1e9), hs_ns = 0;
  measuring = 1;
  for (int i = 0; i < n_conns && started < total; i++, started++) open_conn(&conns[i]);
  uint64_t last_sweep = t0;
  while (done < total && now_ns() < dl) {
    int n = wait_events(evs, 256, 100000000);
    uint64_t t = now_ns();
    for (int i = 0; i < n; i++) {
      struct conn *c = evs[i].data.ptr;
      int r = 0, fin = 0;
      if (c->state == CONNECTING || c->state == HANDSHAKE) {
        r = advance(c, evs[i].events);
        if (r < 0) { n_hs_err++; fin = 1; }
        if (r > 0) {
          record(now_ns() - c->t0);
          if (c->resumed) n_resumed++;
          // Finished + close_notify in one flight; a slot without a usable ticket waits for one
          int wait_ticket = resume && !c->resumed;
          if (!wait_ticket) SSL_shutdown(c->ssl);
          flush_ssl(c->ssl, c->fd);
          if (!wait_ticket) { shutdown(c->fd, SHUT_WR); c->state = DRAIN; }
        }
      } else if (c->state == UP) {  // waiting for the ticket
        r = read_answers(c);
        if (c->got_ticket || r < 0) {
          SSL_shutdown(c->ssl);
          flush_ssl(c->ssl, c->fd);
          shutdown(c->fd, SHUT_WR);
          c->state = DRAIN;
          if (r < 0) { fin = 1; if (r == -1) n_hs++; else n_hs_err++; }
        }
      } else if (c->state == DRAIN) {
        r = read_answers(c);  // -1 = clean end, -2 = alert
        if (r < 0) { fin = 1; if (r == -1) n_hs++; else n_hs_err++; }
      }
      if (fin) {
        hs_ns += t - c->t0;
        close_conn(c);
        done++;
        if (started < total) { started++; open_conn(c); }
      }
    }
    if (t - last_sweep > 500000000ull) {  // peers that never close: count after 2 s
      last_sweep = t;
      for (int i = 0; i < n_conns; i++) {
        struct conn *c = &conns[i];
        if (c->state == DEAD || t < c->t0 + 2000000000ull) continue;
        if (c->state == DRAIN || c->state == UP) n_hs++; else n_hs_err++;
        close_conn(c);
        done++;
        if (started < total) { started++; open_conn(c); }
      }
    }
  }
  uint64_t t1 = now_ns();
  usleep(50000);
  c1 = cpu_now();
  double el = (double)(t1 - t0) / 1e9;
  printf("hs=%lu secs=%.2f rate=%.0f err=%lu resumed=%lu p50=%lu p99=%lu", n_hs, el, (double)n_hs / el, n_hs_err,
         n_resumed, pct(.5), pct(.99));
  out_cpu("hs", c0, c1, n_hs);
  if (cgdir || roots) printf(" hs_per_cpu_s=%.0f cores=%.2f", (double)n_hs / ((c1.all - c0.all) / 1e6), (c1.all - c0.all) / 1e6 / el);
  printf("\n");
}

static void run_idle(void) {
  struct epoll_event evs[256];
  struct cpu c0 = cpu_now(), c1;
  uint64_t t0 = now_ns();
  setup_all(setup_conc);
  int up = 0;
  if (one_msg) {
    for (int i = 0; i < n_conns; i++) {
      struct conn *c = &conns[i];
      if (c->state != UP) continue;
      send_msgs(c, 1, now_ns());
      do_flush(c);
      if (i % 20 == 19 || i == n_conns - 1)
        for (int k = 0; k < 20; k++) {
          int n = wait_events(evs, 256, 2000000);
          if (!n) break;
          for (int j = 0; j < n; j++)
            if (((struct conn *)evs[j].data.ptr)->state == UP && read_answers(evs[j].data.ptr) < 0) close_conn(evs[j].data.ptr);
        }
    }
  }
  for (int i = 0; i < n_conns; i++) up += conns[i].state == UP;
  c1 = cpu_now();
  printf("ready=%d setup_secs=%.2f setup_cpu_us_per_conn=%.1f ok=%lu\n", up, (double)(now_ns() - t0) / 1e9, (c1.all - c0.all) / n_conns, n_ok);
  fflush(stdout);
  uint64_t dl = now_ns() + (uint64_t)(secs * 1e9);
  while (now_ns() < dl) {
    int n = wait_events(evs, 256, 200000000);
    for (int i = 0; i < n; i++) {
      struct conn *c = evs[i].data.ptr;
      if (c->state == UP && read_answers(c) < 0) close_conn(c);
    }
  }
  up = 0;
  for (int i = 0; i < n_conns; i++) up += conns[i].state == UP;
  struct cpu c2 = cpu_now();
  printf("still_up=%d ok=%lu idle_cpu_ms_per_s=%.2f\n", up, n_ok, (c2.all - c1.all) / 1000 / secs);
}

static void run_ping(void) {
  uint64_t t0 = now_ns(), dl = t0 + (uint64_t)(secs * 1e9);
  int tries = 0;
  while (now_ns() < dl) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    tries++;
    if (!connect(fd, (void *)&dst, sizeof dst)) {
      struct timeval tv = {2, 0};
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
      SSL *s = SSL_new(ctx);
      SSL_set_fd(s, fd);
      SSL_set_app_data(s, &conns[0]);
      int ok = SSL_connect(s) == 1;
      if (ok) SSL_shutdown(s);
      SSL_free(s);
      close(fd);
      if (ok) {
        struct timespec w;
        clock_gettime(CLOCK_REALTIME, &w);
        printf("up_at_ns=%lld tries=%d waited_ms=%.1f\n", (long long)w.tv_sec * 1000000000ll + w.tv_nsec, tries, (double)(now_ns() - t0) / 1e6);
        return;
      }
      ERR_clear_error();
    } else close(fd);
    usleep(500);
  }
  printf("not up\n");
  exit(1);
}

int main(int argc, char **argv) {
  const char *ca = NULL, *crt = NULL, *key = NULL;
  if (argc < 2) { fprintf(stderr, "usage: sipload msg|hs|idle|ping ...\n"); return 2; }
  mode = !strcmp(argv[1], "msg") ? M_MSG : !strcmp(argv[1], "hs") ? M_HS : !strcmp(argv[1], "idle") ? M_IDLE : M_PING;
  optind = 2;
  int have_a = 0;
  for (int o; (o = getopt(argc, argv, "a:A:c:k:n:w:t:u:r:m:g:p:G:V:s:S:C:i:Rb1v")) > 0;)
    switch (o) {
      case 'a': dst = parse_addr(optarg); have_a = 1; break;
      case 'A': ca = optarg; break;
      case 'c': crt = optarg; break;
      case 'k': key = optarg; break;
      case 'n': n_conns = atoi(optarg); break;
      case 'w': window = atoi(optarg); break;
      case 't': secs = atof(optarg); break;
      case 'u': warm = atof(optarg); break;
      case 'r': rate = strtoull(optarg, NULL, 10); break;
      case 'm': total = strtoull(optarg, NULL, 10); break;
      case 'g': cgdir = optarg; break;
      case 'p': roots = optarg; break;
      case 'G': groups = optarg; break;
      case 'V': tlsver = optarg; break;
      case 's': body_len = atoi(optarg); break;
      case 'S': first_source = ntohl(inet_addr(optarg)); break;
      case 'C': setup_conc = atoi(optarg); break;
      case 'i': tell = atof(optarg); signal(SIGTERM, on_term); break;
      case 'R': resume = 1; break;
      case 'b': batch = 1; break;
      case '1': one_msg = 1; break;
      case 'v': verbose = 1; break;
      default: return 2;
    }
  if (!have_a || n_conns < 1 || n_conns > 60000 || window < 1 || window > 512 || secs > 600) {
    fprintf(stderr, "bad arguments\n");
    return 2;
  }
  raise_nofile();
  signal(SIGPIPE, SIG_IGN);
  ctx = make_ctx(0, ca, crt, key);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx, new_session);
  if (groups && SSL_CTX_set1_groups_list(ctx, groups) != 1) die("groups");
  if (tlsver && !strcmp(tlsver, "1.2")) SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
  ep = epoll_create1(0);
  hist = calloc(HIST, sizeof *hist);
  conns = calloc((size_t)n_conns, sizeof *conns);
  build_template();
  for (int i = 0; i < n_conns; i++) {
    conns[i].idx = i;
    conns[i].seq = ((uint64_t)time(NULL) & 0xffffff) << 24;  // ids differ between runs
    conns[i].state = DEAD;
    if (mode == M_MSG || one_msg) conns[i].sent = calloc(RING, sizeof(uint64_t));
  }
  if (mode == M_HS && !total) total = 2000;
  switch (mode) {
    case M_MSG: run_msg(); break;
    case M_HS: run_hs(); break;
    case M_IDLE: run_idle(); break;
    default: run_ping();
  }
  return 0;
}
