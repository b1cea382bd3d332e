package peers;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.storm.Config;
import org.apache.storm.LocalCluster;

/**
 * Runs one case on Storm and measures it on demand.
 *
 * <p>It reads a command a line (see {@link Conversation}) and answers each with a line of JSON.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.parse(args);
        Config settings = new Config();
        settings.setNumWorkers(1);
        settings.setNumAckers(arguments.ackers());
        settings.putAll(arguments.settings());
        try (LocalCluster cluster = new LocalCluster.Builder()
                        .withSupervisors(1)
                        .withPortsPerSupervisor(1)
                        .withDaemonConf(daemons())
                        .build();
                AutoCloseable running = cluster.submitTopology("race", settings, Cases.build(arguments));
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Gate.awaitOpened(Cases.spouts());
            new Conversation(commands, System.out).run();
            System.out.flush();
            // A cluster that is taken down in order takes ten seconds, and nothing in it is to be kept.
            Runtime.getRuntime().halt(0);
        }
    }

    /** The local cluster turns message timeouts off unless told otherwise. */
    private static Map<String, Object> daemons() {
        Map<String, Object> conf = new HashMap<>();
        conf.put(Config.TOPOLOGY_ENABLE_MESSAGE_TIMEOUTS, true);
        // The whole process is stopped while others have their turn: nobody is to be declared dead for that.
        conf.put(Config.STORM_ZOOKEEPER_SESSION_TIMEOUT, 40_000);
        conf.put("nimbus.task.timeout.secs", 600);
        conf.put("nimbus.supervisor.timeout.secs", 600);
        conf.put("supervisor.worker.timeout.secs", 600);
        return conf;
    }
}
