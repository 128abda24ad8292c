"""placeholder"""
import time
from sekisho.faces.channel import Channel
def main():
    time.sleep(3600)
if __name__=="__main__": main()
