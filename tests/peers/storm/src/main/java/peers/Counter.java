package peers;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Counts what one task does. One thread writes, any may read; each has a cache line of its own. */
final class Counter extends java.util.concurrent.atomic.AtomicLong {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("unused")
    private long a, b, c, d, e, f, g, h, i, j, k, l, m, n, o;

    void add() {
        lazySet(getPlain() + 1);
    }

    /** The counters of all tasks of one kind: the tasks of a local cluster live in this process. */
    static final class Sum {
        private final List<Counter> parts = new CopyOnWriteArrayList<>();

        Counter part() {
            Counter part = new Counter();
            parts.add(part);
            return part;
        }

        long get() {
            long sum = 0;
            for (Counter part : parts) {
                sum += part.get();
            }
            return sum;
        }
    }

    /** Emissions of spouts. */
    static final Sum EMITTED = new Sum();
    /** Tuples that a last bolt took. */
    static final Sum SUNK = new Sum();
    /** Emissions that a spout was told to be complete. */
    static final Sum ACKED = new Sum();
    /** Emissions that a spout was told to have failed or timed out. */
    static final Sum FAILED = new Sum();
}
