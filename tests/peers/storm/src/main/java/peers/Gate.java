package peers;

import java.util.concurrent.Semaphore;

/** What the spouts may do now. */
final class Gate {
    private static final Semaphore OPENED = new Semaphore(0);
    private static volatile boolean flowing;
    private static volatile Schedule schedule;

    private Gate() {}

    /** A spout has been opened. */
    static void opened() {
        OPENED.release();
    }

    static void awaitOpened(int spouts) throws InterruptedException {
        OPENED.acquire(spouts);
    }

    /** Whether spouts emit as fast as they can. */
    static boolean flows() {
        return flowing;
    }

    static void flow(boolean on) {
        flowing = on;
    }

    /** What a spout at a fixed rate follows, or null. */
    static Schedule schedule() {
        return schedule;
    }

    static void follow(Schedule next) {
        schedule = next;
    }
}
