package peers;

import org.HdrHistogram.Histogram;

/**
 * When the tuples are due, and how long after that they arrived.
 *
 * <p>A tuple keeps its instant even if it is emitted late: the delay counts.
 */
final class Schedule {
    private static final long SECOND = 1_000_000_000L;

    final long origin = System.nanoTime();
    final long rate;
    final long tuples;
    private final long warmUp;
    /** Written by the task of the last bolt alone, read after it has counted its last tuple. */
    private final Histogram latencies = new Histogram(60 * SECOND, 3);

    Schedule(long rate, double warmUpSeconds, double measuredSeconds) {
        this.rate = rate;
        this.warmUp = (long) (warmUpSeconds * SECOND);
        this.tuples = (long) ((warmUpSeconds + measuredSeconds) * rate);
    }

    /** Nanoseconds since the origin. */
    long elapsed() {
        return System.nanoTime() - origin;
    }

    /** When the tuple at an index is due, in nanoseconds after the origin. */
    long due(long index) {
        return index * SECOND / rate;
    }

    /** How many tuples are due by now. */
    long dueByNow() {
        return Math.min(tuples, elapsed() * rate / SECOND + 1);
    }

    void arrived(long due) {
        if (due >= warmUp) {
            latencies.recordValue(Math.min(elapsed() - due, 60 * SECOND));
        }
    }

    Histogram latencies() {
        return latencies;
    }
}
