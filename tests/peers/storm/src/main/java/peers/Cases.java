package peers;

import org.apache.storm.generated.StormTopology;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.tuple.Fields;

/** The topologies. */
final class Cases {
    private Cases() {}

    /** Spouts of every topology. */
    static int spouts() {
        return 1;
    }

    static StormTopology build(Arguments arguments) {
        boolean isTracked = arguments.ackers() > 0;
        TopologyBuilder builder = new TopologyBuilder();
        switch (arguments.shape()) {
            case "const-null" -> {
                builder.setSpout("constants", new FlowSpout(new Object[] {1L}, isTracked));
                builder.setBolt("null", new NullBolt()).localOrShuffleGrouping("constants");
            }
            case "const-id-null" -> {
                builder.setSpout("constants", new FlowSpout(new Object[] {1L}, isTracked));
                builder.setBolt("id", new IdBolt()).localOrShuffleGrouping("constants");
                builder.setBolt("null", new NullBolt()).localOrShuffleGrouping("id");
            }
            case "word-count" -> {
                Object[] lines = arguments.text().toArray();
                int tasks = arguments.tasks();
                builder.setSpout("lines", new FlowSpout(lines, isTracked));
                builder.setBolt("split", new SplitBolt(), tasks).localOrShuffleGrouping("lines");
                builder.setBolt("count", new CountBolt(), tasks).fieldsGrouping("split", new Fields("word"));
            }
            case "latency" -> {
                builder.setSpout("due", new RateSpout());
                builder.setBolt("id", new IdBolt()).localOrShuffleGrouping("due");
                builder.setBolt("latency", new LatencyBolt()).localOrShuffleGrouping("id");
            }
            default -> throw new IllegalArgumentException("there is no case " + arguments.shape());
        }
        return builder.createTopology();
    }
}
