package peers;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Answers commands.
 *
 * <ul>
 *   <li>{@code flow SETTLE SECONDS}: emits as fast as it can, counts for some seconds after it has settled, stops
 *       and waits until nothing is under way.
 *   <li>{@code rate PER_SECOND SETTLE SECONDS}: emits at a fixed rate and says how late the tuples arrived.
 * </ul>
 */
final class Conversation {
    /** How long what is under way may take to end. */
    private static final long DRAIN_NANOS = 15_000_000_000L;

    private final BufferedReader commands;
    private final PrintStream answers;

    Conversation(BufferedReader commands, PrintStream answers) {
        this.commands = commands;
        this.answers = answers;
    }

    /** Until the other side has no more to say. */
    void run() throws IOException, InterruptedException {
        answers.println("{\"ready\":true}");
        answers.flush();
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            String answer =
                    switch (words[0]) {
                        case "flow" -> flow(Double.parseDouble(words[1]), Double.parseDouble(words[2]));
                        case "rate" -> rate(
                                Long.parseLong(words[1]), Double.parseDouble(words[2]), Double.parseDouble(words[3]));
                        default -> throw new IllegalArgumentException("there is no command " + line);
                    };
            answers.println(answer);
            answers.flush();
        }
    }

    private static String flow(double settle, double seconds) throws InterruptedException {
        long failedBefore = Counter.FAILED.get();
        Gate.flow(true);
        sleep(settle);
        Mark start = Mark.now();
        sleep(seconds);
        Mark end = Mark.now();
        Gate.flow(false);
        drain();
        return String.format(
                Locale.ROOT,
                "{\"seconds\":%.6f,\"tuples\":%d,\"acked\":%d,\"failed\":%d,\"cpu_s\":%.3f}",
                (end.nanos - start.nanos) / 1e9,
                end.sunk - start.sunk,
                end.acked - start.acked,
                Counter.FAILED.get() - failedBefore,
                (end.cpuNanos - start.cpuNanos) / 1e9);
    }

    private static String rate(long rate, double settle, double seconds) throws InterruptedException {
        Mark start = Mark.now();
        Schedule schedule = new Schedule(rate, settle, seconds);
        Gate.follow(schedule);
        sleep(settle + seconds);
        long until = System.nanoTime() + DRAIN_NANOS;
        while (Counter.SUNK.get() - start.sunk < schedule.tuples && System.nanoTime() < until) {
            Thread.sleep(1);
        }
        Mark end = Mark.now();
        drain();
        Gate.follow(null);
        Histogram latencies = schedule.latencies();
        return String.format(
                Locale.ROOT,
                "{\"seconds\":%.6f,\"scheduled\":%d,\"tuples\":%d,\"failed\":%d,\"cpu_s\":%.3f,"
                        + "\"p50_us\":%.3f,\"p99_us\":%.3f,\"p999_us\":%.3f,\"max_us\":%.3f}",
                (end.nanos - start.nanos) / 1e9,
                schedule.tuples,
                end.sunk - start.sunk,
                Counter.FAILED.get() - start.failed,
                (end.cpuNanos - start.cpuNanos) / 1e9,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                latencies.getValueAtPercentile(99.9) / 1e3,
                latencies.getMaxValue() / 1e3);
    }

    /** Waits until the counters have stood still for a while. */
    private static void drain() throws InterruptedException {
        long until = System.nanoTime() + DRAIN_NANOS;
        Mark last = Mark.now();
        for (int still = 0; still < 5 && System.nanoTime() < until; ) {
            Thread.sleep(20);
            Mark now = Mark.now();
            still = now.sunk == last.sunk && now.acked == last.acked ? still + 1 : 0;
            last = now;
        }
    }

    private static void sleep(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1e3));
    }

    /** The counters at an instant. */
    private record Mark(long nanos, long cpuNanos, long sunk, long acked, long failed) {
        private static final OperatingSystemMXBean SYSTEM =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

        static Mark now() {
            return new Mark(
                    System.nanoTime(),
                    SYSTEM.getProcessCpuTime(),
                    Counter.SUNK.get(),
                    Counter.ACKED.get(),
                    Counter.FAILED.get());
        }
    }
}
