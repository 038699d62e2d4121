"""Every figure that `smartcloudops evaluate` reports, in Python.

A test holds both against each other: what differs is a fault in one of them. Scores are floats of at least
0; an alarm is where score >= threshold; NaN counts as 0. Nothing before Series.prob is ever looked at, be it
labels, alarms or scores.
"""

import datasets
import numpy as np

try:
    from numba import njit
except ImportError:  # A thousand times slower, and the same figures.

    def njit(**_):
        return lambda function: function




# ----------------------------------------------------------------- NAB
def _sig(x):
    return np.where(x > 3.0, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(x, 3.0))) - 1.0)


def nab_sweep(s, tp_w=1.0, fp_w=0.11):
    """Per-row sweep score and window id (-1 outside), exactly as nab/sweeper.py."""
    n = len(s.ts)
    sc = np.full(n, -1.0 * fp_w)
    win = np.full(n, -1, np.int64)
    i = np.arange(n)
    max_tp = 2.0 / (1.0 + np.exp(-5.0)) - 1.0
    for k, (a, b) in enumerate(s.events):
        w = float(b - a + 1)
        m = (i >= a) & (i <= b)
        sc[m] = _sig(-(b - i[m] + 1) / w) * tp_w / max_tp
        win[m] = k
        nxt = s.events[k + 1][0] if k + 1 < len(s.events) else n
        m = (i > b) & (i < nxt)
        sc[m] = _sig(np.abs(b - i[m]) / max(w - 1, 1e-9)) * fp_w
    return sc, win


@njit(cache=True)
def _nab_curve(order, score, sweep, win, nwin, fn_w):
    """Total score after each distinct threshold, scores descending."""
    best_w = np.full(nwin, -fn_w)
    tot = -fn_w * nwin
    fp = 0.0
    thr = [np.inf]
    val = [tot]
    n = len(order)
    for k in range(n):
        j = order[k]
        if win[j] < 0:
            fp += sweep[j]
        else:
            w = win[j]
            if sweep[j] > best_w[w]:
                tot += sweep[j] - best_w[w]
                best_w[w] = sweep[j]
        if k + 1 == n or score[order[k + 1]] != score[j]:
            thr.append(score[j])
            val.append(tot + fp)
    return np.array(thr), np.array(val)


PROFILES = {"standard": (1.0, 1.0, 0.11), "low_FP": (1.0, 1.0, 0.22), "low_FN": (1.0, 2.0, 0.11)}


def nab_score(series, scores, fixed=1.0, profile="standard"):
    """-> dict(opt, opt_thr, fixed, per-file at both).  Normalised 0..100 as nab/runner.py does."""
    tp_w, fn_w, fp_w = PROFILES[profile]
    SC, SW, WI, F = [], [], [], []
    nw = 0
    for k, (s, x) in enumerate(zip(series, scores)):
        sw, wi = nab_sweep(s, tp_w, fp_w)
        wi = np.where(wi >= 0, wi + nw, -1)
        nw += len(s.events)
        SC.append(x[s.prob:]); SW.append(sw[s.prob:]); WI.append(wi[s.prob:])
    SC, SW, WI = map(np.concatenate, (SC, SW, WI))
    u, WI2 = np.unique(WI, return_inverse=True)          # windows wholly inside the probation vanish
    WI2 = WI2 - (1 if u[0] == -1 else 0)
    nw = int((u >= 0).sum())
    order = np.argsort(-SC, kind="stable")
    thr, val = _nab_curve(order, SC, SW, WI2, nw, fn_w)
    base = -fn_w * nw
    perfect = nw * tp_w          # NAB counts every label; on NAB none lies in the probation, so this is the same number there
    norm = lambda v: 100.0 * (v - base) / (perfect - base) if perfect > base else float("nan")
    b = int(np.argmax(val))
    k = int(np.searchsorted(-thr, -fixed, side="right")) - 1   # last thr >= fixed
    return dict(opt=norm(val[b]), opt_thr=float(thr[b]), fixed=norm(val[k]))


def nab_per_file(series, scores, thr, profile="standard"):
    tp_w, fn_w, fp_w = PROFILES[profile]
    out = []
    for s, x in zip(series, scores):
        sw, wi = nab_sweep(s, tp_w, fp_w)
        a = (x >= thr); a[:s.prob] = False
        fp = sw[a & (wi < 0)].sum()
        ws = [max([-fn_w] + list(sw[(wi == k) & a])) for k in range(len(s.events))]
        out.append(dict(name=s.name, windows=len(ws), hit=sum(w > -fn_w for w in ws), fp_pts=int((a & (wi < 0)).sum()),
                        fp=fp, score=fp + sum(ws), got=fp + sum(w + fn_w for w in ws)))
    return out


# ----------------------------------------------------------------- VUS, as TSB-AD's RangeAUC_volume_opt
@njit(cache=True)
def _vus(score, y, starts, ends, W, order, thr_n):
    n = len(score)
    T = len(thr_n)
    P = 0.0
    for i in range(n):
        P += y[i]
    rank = np.empty(n, np.int64)
    for k in range(n):
        rank[order[k]] = k
    m = len(starts)
    ap_sum = 0.0
    auc_sum = 0.0
    tp_e = np.zeros(T)
    # event hits per threshold (rank < thr_n[t])
    hist = np.zeros(T + 1)
    for i in range(n):
        if y[i]:
            t = np.searchsorted(thr_n, rank[i] + 1)
            hist[t] += 1.0
    acc = 0.0
    for t in range(T):
        acc += hist[t]
        tp_e[t] = acc
    lab = y.astype(np.float64)
    for w in range(W + 1):
        h = w // 2
        lab[:] = 0.0
        for i in range(n):
            if y[i]:
                lab[i] = 1.0
        for k in range(m):
            s = starts[k]; e = ends[k]
            for j in range(e + 1, min(e + h + 1, n)):
                lab[j] += np.sqrt(1 - (j - e) / w)
            for j in range(max(s - h, 0), s):
                lab[j] += np.sqrt(1 - (s - j) / w)
        hist[:] = 0.0
        for k in range(m):
            s = starts[k]; e = ends[k]
            # each extended point once: mark by negating
            for j in range(max(s - h, 0), min(e + h + 1, n)):
                if not y[j] and lab[j] > 0:
                    v = min(1.0, lab[j])
                    t = np.searchsorted(thr_n, rank[j] + 1)
                    hist[t] += v
                    lab[j] = -1.0
        # merged segments, first rank in each
        nseg = 0
        ex = np.zeros(T + 1)
        a = max(starts[0] - h, 0)
        for k in range(m):
            if k == m - 1:
                b = min(ends[k] + h, n - 1)
            elif ends[k] + h < starts[k + 1] - h:
                b = ends[k] + h
            else:
                continue
            r = n
            for j in range(a, b + 1):
                if rank[j] < r:
                    r = rank[j]
            ex[np.searchsorted(thr_n, r + 1)] += 1.0
            nseg += 1
            if k < m - 1:
                a = starts[k + 1] - h
        tp_x = 0.0
        exa = 0.0
        prev_tpr = 0.0
        prev_fpr = 0.0
        ap = 0.0
        auc = 0.0
        for t in range(T):
            tp_x += hist[t]
            exa += ex[t]
            TP = tp_e[t] + tp_x
            NL = P + tp_x
            Pn = (P + NL) / 2
            rec = min(TP / Pn, 1.0)
            tpr = rec * exa / nseg
            fpr = (thr_n[t] - TP) / (n - Pn)
            prec = TP / thr_n[t]
            ap += (tpr - prev_tpr) * prec
            auc += (fpr - prev_fpr) * (tpr + prev_tpr) / 2
            prev_tpr = tpr
            prev_fpr = fpr
        auc += (1 - prev_fpr) * (1 + prev_tpr) / 2
        ap_sum += ap
        auc_sum += auc
    return ap_sum / (W + 1), auc_sum / (W + 1)


def vus(score, y, W, n_thr=250):
    """-> (VUS-PR, VUS-ROC).  Same result as TSB-AD's code, a thousand times faster."""
    y = np.asarray(y).astype(np.uint8)
    score = np.asarray(score, float)
    n = len(score)
    ev = datasets.runs(y)
    order = np.argsort(-score, kind="stable")
    ss = score[order]
    idx = np.linspace(0, n - 1, n_thr).astype(int)
    thr = ss[idx]
    thr_n = np.searchsorted(-ss, -thr, side="right")   # points with score >= thr
    st = np.array([a for a, b in ev], np.int64)
    en = np.array([b for a, b in ev], np.int64)
    # TSB's code mixes an event at index 0 in too; runs() handles it alike
    return _vus(score, y, st, en, int(W), order, thr_n.astype(np.int64))


def acf_period(x):
    """As TSB-AD's find_length_rank with rank 1."""
    from scipy.signal import argrelextrema
    x = np.asarray(x, float)[:20000]
    x = np.where(np.isnan(x), np.nanmean(x), x)
    n = len(x)
    nl = min(400, n - 1)
    d = x - x.mean()
    f = np.fft.rfft(d, 2 ** int(np.ceil(np.log2(2 * n + 1))))
    ac = np.fft.irfft(f * np.conj(f))[:nl + 1]
    if ac[0] <= 0:
        return 125
    ac = (ac / ac[0])[3:]
    lm = argrelextrema(ac, np.greater)[0]
    if len(lm) == 0:
        return 125
    # argsort()[::-1] ties as in TSB
    k = lm[np.argsort([ac[i] for i in lm])[::-1][0]]
    if k < 3 or k > 300:
        return 125
    return int(k + 3)


# ----------------------------------------------------------------- point F1
def best_f1(score, y):
    order = np.argsort(-score, kind="stable")
    ss = score[order]
    tp = np.cumsum(y[order].astype(float))
    k = np.arange(1, len(ss) + 1)
    last = np.append(ss[1:] != ss[:-1], True)
    f = 2 * tp / (k + y.sum())
    f = np.where(last, f, -1)
    b = int(np.argmax(f))
    return float(f[b]), float(ss[b])


# ----------------------------------------------------------------- events
@njit(cache=True)
def _event_counts(score, thr, off, prob, ev_s, ev_e, ev_ser, gap, renotify, n_ser):
    """For one threshold over the concatenated series. Returns
    detected events, false runs, hard false notifications, alarm points, alarm points in events, sum of delays."""
    det = 0
    false_runs = 0
    false_notes = 0
    true_runs = 0
    ap = 0
    apin = 0
    tp_pa = 0
    m = len(ev_s)
    e = 0
    for q in range(n_ser):
        a0 = off[q] + prob[q]
        b0 = off[q + 1]
        while e < m and ev_ser[e] < q:
            e += 1
        f = e
        last = -10 ** 9      # last alarm index
        run_start = -1
        run_hit = False
        # walk the points with the events of this series
        cur = f
        hit_cur = False
        out_start = -1       # hard variant: current alarm stretch outside any event
        out_last = -10 ** 9
        for i in range(a0, b0):
            while cur < m and ev_ser[cur] == q and ev_e[cur] < i:
                if hit_cur:
                    det += 1
                    tp_pa += ev_e[cur] - max(ev_s[cur], a0) + 1
                hit_cur = False
                cur += 1
            inev = cur < m and ev_ser[cur] == q and ev_s[cur] <= i <= ev_e[cur]
            if score[i] >= thr:
                ap += 1
                if run_start < 0 or i - last > gap[q]:
                    if run_start >= 0:
                        if run_hit:
                            true_runs += 1
                        else:
                            false_runs += 1
                    run_start = i
                    run_hit = False
                last = i
                if inev:
                    apin += 1
                    run_hit = True
                    hit_cur = True
                else:
                    if out_start < 0 or i - out_last > gap[q]:
                        if out_start >= 0:
                            false_notes += (out_last - out_start) // renotify[q] + 1
                        out_start = i
                    out_last = i
        if cur < m and ev_ser[cur] == q and hit_cur:
            det += 1
            tp_pa += ev_e[cur] - max(ev_s[cur], a0) + 1
        if run_start >= 0:
            if run_hit:
                true_runs += 1
            else:
                false_runs += 1
        if out_start >= 0:
            false_notes += (out_last - out_start) // renotify[q] + 1
    return det, false_runs, false_notes, ap, apin, tp_pa, true_runs


class EventBook:
    """Concatenated view of a dataset for the threshold sweeps."""

    def __init__(self, series, gap_s=3600.0, gap_min=3, renotify_s=4 * 3600.0):
        self.series = series
        self.off = np.concatenate([[0], np.cumsum([len(s.ts) for s in series])]).astype(np.int64)
        self.prob = np.array([s.prob for s in series], np.int64)
        es, ee, eq = [], [], []
        for q, s in enumerate(series):
            for a, b in s.events:
                if b >= s.prob:
                    es.append(self.off[q] + max(a, s.prob)); ee.append(self.off[q] + b); eq.append(q)
        self.es, self.ee, self.eq = (np.array(v, np.int64) for v in (es, ee, eq))
        self.gap = np.array([max(gap_min, int(round(gap_s / s.dt))) for s in series], np.int64)
        self.ren = np.array([max(4, int(round(renotify_s / s.dt))) for s in series], np.int64)
        self.days = sum((len(s.ts) - s.prob) * s.dt / 86400 for s in series)
        self.n_pos = int(sum(s.y[s.prob:].sum() for s in series))
        self.n_pts = int(sum(len(s.ts) - s.prob for s in series))

    def at(self, cat, thr):
        det, fr, fn, ap, apin, tp_pa, tr = _event_counts(cat, thr, self.off, self.prob, self.es, self.ee, self.eq,
                                                        self.gap, self.ren, len(self.series))
        m = len(self.es)
        rec = det / m if m else float("nan")
        f1 = lambda p, r: 2 * p * r / (p + r) if p + r > 0 else 0.0
        pe = det / (det + fr) if det + fr else 0.0
        ph = det / (det + fn) if det + fn else 0.0
        pp = apin / ap if ap else 0.0
        pr = apin / self.n_pos if self.n_pos else float("nan")
        fp_pts = ap - apin
        pa_p = tp_pa / (tp_pa + fp_pts) if tp_pa + fp_pts else 0.0
        pa_r = tp_pa / self.n_pos if self.n_pos else float("nan")
        return dict(thr=thr, det=det, events=m, rec=rec, false=fr, notes=fn, prec_e=pe, f1_e=f1(pe, rec), prec_h=ph,
                    f1_h=f1(ph, rec), prec_p=pp, rec_p=pr, f1_p=f1(pp, pr), fc1=f1(pp, rec), pa=f1(pa_p, pa_r),
                    fpd=fr / self.days, npd=fn / self.days, alarm_frac=ap / self.n_pts)


def thresholds_for(cat, mask, k=300):
    v = np.sort(cat[mask])[::-1]
    n = len(v)
    idx = np.unique(np.concatenate([np.geomspace(1, n, k).astype(int) - 1, np.linspace(0, n - 1, 60).astype(int)]))
    return np.unique(v[idx])[::-1]


def delays(series, scores, thr=1.0):
    d, rel = [], []
    for s, x in zip(series, scores):
        for a, b in s.events:
            a = max(a, s.prob)
            if b < s.prob:
                continue
            k = np.where(x[a:b + 1] >= thr)[0]
            if len(k):
                d.append(k[0]); rel.append(k[0] / (b - a + 1))
    return (float(np.median(d)), float(np.median(rel))) if d else (float("nan"), float("nan"))


def evaluate(series, scores, alarm_at=1.0, vus_pr=True, sweep=True, nab=True):
    """scores: list of arrays aligned with series. alarm_at: divide all scores by this first."""
    scores = [np.where(np.isfinite(x), x, 0.0) / alarm_at for x in scores]
    book = EventBook(series)
    cat = np.concatenate(scores)
    mask = np.concatenate([np.arange(len(s.ts)) >= s.prob for s in series])
    y = np.concatenate([s.y for s in series])
    r = {}
    if nab:
        q = nab_score(series, scores)
        r["nab"], r["nab_thr"], r["nab@1"] = q["opt"], q["opt_thr"], q["fixed"]
        for p in ("low_FP", "low_FN"):
            r["nab_" + p] = nab_score(series, scores, profile=p)["opt"]
    has = [k for k, s in enumerate(series) if s.y[s.prob:].any()]
    if vus_pr and has:
        V, A, F = [], [], []
        for k in has:
            s = series[k]
            W = acf_period(s.x)
            v, roc = vus(scores[k][s.prob:], s.y[s.prob:], W)
            V.append(v); A.append(roc)
            F.append(best_f1(scores[k][s.prob:], s.y[s.prob:])[0])
        r["vus_pr"], r["vus_roc"], r["ptF1_series"] = float(np.mean(V)), float(np.mean(A)), float(np.mean(F))
        r["vus_each"] = {series[k].name: v for k, v in zip(has, V)}
    if y[mask].any():
        r["ptF1"], r["ptF1_thr"] = best_f1(cat[mask], y[mask])
    a = book.at(cat, 1.0)
    r.update({f"@1_{k}": v for k, v in a.items()})
    r["delay_pts"], r["delay_rel"] = delays(series, scores)
    if sweep and len(book.es):
        T = thresholds_for(cat, mask)
        if (T > 1.0).any() or (T < 1.0).any():
            T = np.unique(np.append(T, 1.0))[::-1]
        R = [book.at(cat, t) for t in T]
        for key, name in (("f1_e", "evF1"), ("f1_h", "evF1h"), ("fc1", "Fc1"), ("pa", "PA")):
            ok = R if key != "f1_e" else [q for q in R if q["alarm_frac"] <= 2 * book.n_pos / book.n_pts] or R[:1]   # else a constant alarm wins
            b = max(ok, key=lambda q: q[key])
            r[name], r[name + "_thr"] = b[key], b["thr"]
        # recall at a budget: false notifications per series-day
        for bud in (0.02, 0.1, 0.5):
            ok = [q for q in R if q["npd"] <= bud]
            r[f"rec@{bud}"] = max([q["rec"] for q in ok], default=0.0)
    return r
